import {
  compareEventPositions,
  type EventPosition,
  type Proposal,
  type SeenPlace,
  type SubscriptionId,
} from '@decoraft/protocol';

/** Of one entry: some 32 kilobytes. */
const SUBSCRIPTIONS_PER_ENTRY = 4_096;

/**
 * What the clients of all sessions have said to have consumed since the log heard of it: one entry for all of them, now
 * and then. What is lost with a leader is said again to the next one.
 */
export class Acknowledgements {
  readonly #positions = new Map<SubscriptionId, EventPosition>();

  note(id: SubscriptionId, position: EventPosition): void {
    const known = this.#positions.get(id);
    if (!known || compareEventPositions(position, known) > 0) this.#positions.set(id, position);
  }

  /** All of it as entries; none where there is nothing. */
  take(): readonly Proposal[] {
    const all = [...this.#positions].toSorted(
      ([left, at], [right, other]) => compareEventPositions(at, other) || left - right,
    );
    this.#positions.clear();
    const proposals: Proposal[] = [];
    for (let from = 0; from < all.length; from += SUBSCRIPTIONS_PER_ENTRY) {
      const places = placesOf(all.slice(from, from + SUBSCRIPTIONS_PER_ENTRY));
      proposals.push({ kind: 'events-seen', places });
    }
    return proposals;
  }

  clear(): void {
    this.#positions.clear();
  }
}

/** @param seen By their positions. */
function placesOf(seen: readonly (readonly [SubscriptionId, EventPosition])[]): readonly SeenPlace[] {
  const places: { readonly position: EventPosition; readonly subscriptions: SubscriptionId[] }[] = [];
  for (const [id, position] of seen) {
    const last = places.at(-1);
    if (last && compareEventPositions(last.position, position) === 0) last.subscriptions.push(id);
    else places.push({ position, subscriptions: [id] });
  }
  return places;
}
