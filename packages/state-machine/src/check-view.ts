import type { ReplicaView } from './state/replica-view.js';

/** The view of the state at the last entry that asked for a check; taken once. */
export class CheckView {
  #view: ReplicaView | undefined;

  /**
   * A view that nobody took makes way: it is behind. A state that cannot be kept cannot be compared: its server has
   * no hashes to tell, and its next snapshot says why.
   */
  open(view: () => ReplicaView): void {
    this.#view?.close();
    this.#view = undefined;
    try {
      this.#view = view();
    } catch {
      // What an entry says is the same on every replica, whatever its state.
    }
  }

  /** The view of one index, if nobody has taken it yet. */
  take(index: number): ReplicaView | undefined {
    const view = this.#view;
    if (view?.index !== index) return undefined;
    this.#view = undefined;
    return view;
  }
}
