import { tell } from '@decoraft/base';
import type { MembershipChange, MembershipView } from './records.js';

export type Listener<Change extends MembershipChange> = (change: Change) => void;

/** Ends a listener, at once. */
export type Stop = () => void;

export interface Reset {
  readonly from: number;
  readonly view: MembershipView;
}

/** Who listens to what: by kind of change and, for those of groups, by group. */
export class ChangeListeners {
  readonly #byKey = new Map<string, Set<(change: never) => void>>();
  readonly #resets = new Set<(reset: Reset) => void>();

  /** @param group The one to listen to, where the kind is one of a group. */
  add<Change extends MembershipChange>(
    kind: MembershipChange['kind'] | 'any',
    group: string | undefined,
    listener: Listener<Change>,
  ): Stop {
    const key = keyOf(kind, group);
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    // Each call is a listener of its own, also of the same function.
    const own = (change: Change): void => listener(change);
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#byKey.get(key) === listeners) this.#byKey.delete(key);
    };
  }

  addReset(listener: (reset: Reset) => void): Stop {
    const own = (reset: Reset): void => listener(reset);
    this.#resets.add(own);
    return () => void this.#resets.delete(own);
  }

  tell(change: MembershipChange): void {
    for (const key of [keyOf(change.kind, selectorOf(change)), keyOf('any', undefined)]) {
      for (const listener of this.#byKey.get(key) ?? []) tell(() => listener(change as never));
    }
  }

  tellReset(reset: Reset): void {
    for (const listener of this.#resets) tell(() => listener(reset));
  }
}

/** The coming and going of groups is told of whichever group it is, to all. */
function selectorOf(change: MembershipChange): string | undefined {
  if (change.kind === 'group-created' || change.kind === 'group-deleted') return undefined;
  return 'group' in change ? change.group : undefined;
}

function keyOf(kind: string, group: string | undefined): string {
  return group === undefined ? kind : `${kind} ${group}`;
}
