import type { MachineId } from '@decoraft/protocol';
import type { RegisteredMachine } from './registration.js';
import { openMachine } from './state/machine-state.js';
import type { PartView } from './state/replica-view.js';

/** Views of machines that are not read to their end; they see what was there before the next command. */
export class MachineViews {
  readonly #views = new Map<MachineId, Set<PartView>>();

  /** @throws DecoraftError as `openMachine` does. */
  open(machine: RegisteredMachine): PartView {
    const source = openMachine(machine);
    const views = this.#views.get(machine.id) ?? new Set();
    const view: PartView = {
      machine: machine.id,
      source,
      close: () => {
        source.close();
        views.delete(view);
      },
    };
    this.#views.set(machine.id, views.add(view));
    return view;
  }

  /** To be called before a machine is changed. */
  settle(machine: MachineId): void {
    const views = this.#views.get(machine);
    if (!views || views.size === 0) return;
    for (const { source } of views) source.settle();
    views.clear();
  }

  /** Writes a little ahead of what was not read yet. Gives whether there is no more of that. */
  settleSome(): boolean {
    for (const views of this.#views.values()) {
      for (const view of views) {
        if (!view.source.settleSome()) return false;
        views.delete(view);
      }
    }
    return true;
  }
}
