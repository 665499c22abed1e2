import { describeOperation, type Operation } from '../history.js';
import { FactBroken } from './fact-broken.js';

/** What an operation saw, as a number that never falls along the log: a log index, a counter, the length of a list. */
export interface Sighting {
  /** What the number is of. Sightings of different things say nothing about each other. */
  readonly of: string;
  readonly version: number;
}

interface Event<Input, Output> {
  readonly sequence: number;
  readonly operation: Operation<Input, Output>;
  readonly sighting: Sighting;
  readonly isReturn: boolean;
}

interface Seen<Input, Output> {
  readonly version: number;
  readonly operation: Operation<Input, Output>;
}

/**
 * Session order: what a process saw, it sees again in everything that it asks for afterwards; so its reads never go back,
 * and it reads its own writes. Asks nothing of operations that overlap, nor of different processes.
 *
 * @param sightingOf What a returned operation saw; `undefined` when it saw nothing that is asked about. A write saw its
 *   own effect, a delivered event what it tells of.
 */
export function mustKeepSessionOrder<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  sightingOf: (operation: Operation<Input, Output>) => Sighting | undefined,
): void {
  /** The newest that each process has seen of each thing. */
  const newest = new Map<string, Seen<Input, Output>>();
  /** What each operation under way must see at least. */
  const least = new Map<number, Seen<Input, Output>>();
  for (const { isReturn, operation, sighting } of eventsOf(operations, sightingOf)) {
    const key = JSON.stringify([operation.process, sighting.of]);
    const seen = newest.get(key);
    if (!isReturn) {
      if (seen) least.set(operation.id, seen);
      continue;
    }
    const needed = least.get(operation.id);
    if (needed && sighting.version < needed.version)
      throw wentBack(needed, { operation, ...sighting }, sighting);
    if (!seen || seen.version < sighting.version) newest.set(key, { operation, version: sighting.version });
  }
}

function eventsOf<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  sightingOf: (operation: Operation<Input, Output>) => Sighting | undefined,
): readonly Event<Input, Output>[] {
  return operations
    .flatMap((operation): readonly Event<Input, Output>[] => {
      const { invoked, outcome } = operation;
      const sighting = outcome.kind === 'returned' ? sightingOf(operation) : undefined;
      if (outcome.kind !== 'returned' || !sighting) return [];
      return [
        { sequence: invoked.sequence, operation, sighting, isReturn: false },
        { sequence: outcome.at.sequence, operation, sighting, isReturn: true },
      ];
    })
    .toSorted((left, right) => left.sequence - right.sequence);
}

function wentBack<Input, Output>(
  earlier: Seen<Input, Output>,
  later: Seen<Input, Output>,
  { of }: Sighting,
): FactBroken {
  const { process } = later.operation;
  return new FactBroken({
    fact: 'session-order',
    finding:
      `${process} saw ${of} at ${earlier.version}, and afterwards at ${later.version}:\n` +
      `  ${describeOperation(earlier.operation)}\n  ${describeOperation(later.operation)}`,
    nodes: [process],
    indexes: [earlier.version, later.version],
  });
}
