import { mustReceiveInOrder, type PositionedEvent } from '@decoraft/testing';
import type { Change } from '../processes/journal.machine.js';
import { isCommand, isRead, type Recorded } from '../processes/calls.js';
import type { Truth } from './truth.js';

/** What the history says of one subscription. */
interface Told {
  readonly client: string;
  readonly key: string;
  readonly name: string;
  readonly asked: number;
  /** When the group had agreed. */
  stoodAt: number | undefined;
  stoppedAt: number | undefined;
  hasEnded: boolean;
  readonly heard: { readonly change: Change; readonly at: number }[];
}

/**
 * Every subscription heard of each change of its key, once, in order, with no gap: from a version that lies between
 * what its client had seen before it asked, and what it saw after it was told that the subscription stands; to the end, if
 * neither side ended it before.
 */
export function eventFaults(history: readonly Recorded[], truth: Truth): readonly string[] {
  const calls = callsByClientAndKey(history);
  return subscriptionsIn(history).flatMap((subscription): readonly string[] => {
    const { client, heard, key, name, stoppedAt } = subscription;
    const { least, most } = boundsOf(calls.get(placeOf(client, key)) ?? [], subscription);
    const first = heard[0]?.change.version ?? Infinity;
    if (first <= least) return [`${name} heard of version ${first} of ${key}, which was there before it`];
    const late = heard.filter(({ at }) => stoppedAt !== undefined && at > stoppedAt);
    if (late.length > 0) return [`${name} heard ${late.length} events of ${key} after it was stopped`];
    try {
      mustReceiveInOrder(
        {
          name,
          after: { index: Math.min(first - 1, most), ordinal: Infinity },
          received: heard.map(({ change }) => asEvent(change)),
          ...(isLive(subscription) && { through: { index: Infinity, ordinal: 0 } }),
        },
        truth.of(key).map(asEvent),
      );
      return [];
    } catch (broken) {
      return [`${String(broken)}, counted in versions of ${key}`];
    }
  });
}

/** How many subscriptions there were, and how many of them went on to the end. */
export function countSubscriptions(history: readonly Recorded[]): {
  readonly all: number;
  readonly live: number;
} {
  const all = subscriptionsIn(history);
  return { all: all.length, live: all.filter(isLive).length };
}

function isLive({ hasEnded, stoodAt, stoppedAt }: Told): boolean {
  return !hasEnded && stoppedAt === undefined && stoodAt !== undefined;
}

function subscriptionsIn(history: readonly Recorded[]): readonly Told[] {
  const told = new Map<string, Told>();
  for (const { input, invoked, outcome, process } of history) {
    if (input.kind === 'listen') {
      const stoodAt = outcome.kind === 'returned' ? outcome.at.sequence : undefined;
      const { key, subscription: name } = input;
      const asked = invoked.sequence;
      const fresh = { client: process, key, name, asked, stoodAt, stoppedAt: undefined, hasEnded: false };
      told.set(name, { ...fresh, heard: [] });
      continue;
    }
    if (!('subscription' in input)) continue;
    const subscription = told.get(input.subscription);
    if (!subscription) continue;
    if (input.kind === 'heard') subscription.heard.push({ change: input.change, at: invoked.sequence });
    if (input.kind === 'stop') subscription.stoppedAt = invoked.sequence;
    if (input.kind === 'ended') subscription.hasEnded = true;
  }
  return [...told.values()];
}

/**
 * What a client had surely seen of the key before it asked, and what it saw when it knew that the subscription stands: in
 * between it began.
 */
function boundsOf(
  calls: readonly Recorded[],
  { asked, stoodAt = Infinity }: Told,
): { readonly least: number; readonly most: number } {
  let least = 0;
  let most = Infinity;
  for (const { input, invoked, outcome } of calls) {
    if (outcome.kind !== 'returned' || !outcome.output) continue;
    const { version } = outcome.output;
    if (outcome.at.sequence < asked) least = Math.max(least, version);
    // A local read may show less than there was; that does no harm to what was seen before, but here it would.
    const isLocal = input.kind === 'read' && input.level === 'local';
    if (invoked.sequence < stoodAt || isLocal) continue;
    const isOwnChange = 'isDone' in outcome.output && outcome.output.isDone;
    most = Math.min(most, isOwnChange ? version - 1 : version);
  }
  return { least, most };
}

function callsByClientAndKey(history: readonly Recorded[]): ReadonlyMap<string, readonly Recorded[]> {
  const calls = new Map<string, Recorded[]>();
  for (const operation of history) {
    if (!isCommand(operation) && !isRead(operation)) continue;
    const place = placeOf(operation.process, operation.input.key);
    const known = calls.get(place);
    if (known) known.push(operation);
    else calls.set(place, [operation]);
  }
  return calls;
}

function placeOf(client: string, key: string): string {
  return `${client} ${key}`;
}

function asEvent(change: Change): PositionedEvent {
  return { position: { index: change.version, ordinal: 0 }, value: change };
}
