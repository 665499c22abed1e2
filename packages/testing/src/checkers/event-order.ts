import { compareEventPositions, type EventPosition } from '@decoraft/protocol';
import { showValue } from '../history.js';
import { FactBroken } from './fact-broken.js';

/** One event: where it belongs, and what it says. */
export interface PositionedEvent {
  readonly position: EventPosition;
  readonly value: unknown;
}

/** What one subscription got. */
export interface SubscriptionRecord {
  readonly name: string;
  /** Where it began: every event behind this concerns it. */
  readonly after: EventPosition;
  /** In the order of arrival at the callback. */
  readonly received: readonly PositionedEvent[];
  /** Up to where it must have got everything: the end, when all is at rest. Without it, up to the last that it got. */
  readonly through?: EventPosition;
}

/**
 * A subscriber gets every event that concerns it, once, in order, as the log has it, with no gap.
 *
 * @param truth All events that concern it, by position: worked out from the committed log.
 */
export function mustReceiveInOrder(
  subscription: SubscriptionRecord,
  truth: readonly PositionedEvent[],
): void {
  const { after, name, received, through } = subscription;
  const expected = truth.filter(({ position }) => compareEventPositions(position, after) > 0);
  const broken = (what: string, positions: readonly EventPosition[]): FactBroken =>
    new FactBroken({
      fact: 'event-order',
      finding: `${name} ${what}`,
      nodes: [name],
      indexes: positions.map(({ index }) => index),
    });

  let last = after;
  for (const [at, event] of received.entries()) {
    const { position, value } = event;
    const place = show(position);
    const order = compareEventPositions(position, last);
    if (order === 0) throw broken(`got the event at ${place} twice, or from before its begin`, [position]);
    if (order < 0) throw broken(`got the event at ${place} behind that at ${show(last)}`, [position, last]);
    last = position;
    const next = expected[at];
    const gap = next ? compareEventPositions(next.position, position) : 1;
    if (next && gap < 0) {
      throw broken(`missed the event at ${show(next.position)}, and got that at ${place}`, [
        next.position,
        position,
      ]);
    }
    if (!next || gap > 0) throw broken(`got an event at ${place}, where there is none`, [position]);
    if (showValue(value) !== showValue(next.value)) {
      throw broken(`got ${showValue(value)} at ${place}, which says ${showValue(next.value)}`, [position]);
    }
  }
  const missing = expected[received.length];
  if (!missing || !through || compareEventPositions(missing.position, through) > 0) return;
  throw broken(`never got the event at ${show(missing.position)}`, [missing.position]);
}

function show({ index, ordinal }: EventPosition): string {
  return `${index}.${ordinal}`;
}
