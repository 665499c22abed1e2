import { ByteReader, ByteWriter } from '@decoraft/base';
import type { MachineId, OperationId, TimerId } from '@decoraft/protocol';
import { expect, it } from 'vitest';
import { readTimers, writeTimers } from '../src/state/timer-image.js';
import type { MachineTimers, Timer } from '../src/timers.js';

const timer = (id: number, dueMs = 5): Timer => ({
  machine: 7 as MachineId,
  id: id as TimerId,
  dueMs,
  operation: 9 as OperationId,
  args: Uint8Array.of(1, 2),
});

function written(nextId: number, ...waiting: readonly Timer[]): ByteReader {
  const of: MachineTimers = { machine: 7 as MachineId, nextId: nextId as TimerId, waiting };
  const writer = new ByteWriter();
  writeTimers(writer, [of]);
  return new ByteReader(writer.finish());
}

it('gives back what was written, also of a machine whose timers have all fired', () => {
  expect(readTimers(written(4, timer(1), timer(3, 0.5)))).toEqual([
    { machine: 7, nextId: 4, waiting: [timer(1), timer(3, 0.5)] },
  ]);
  expect(readTimers(written(9))).toEqual([{ machine: 7, nextId: 9, waiting: [] }]);
});

it.each<[string, number, readonly Timer[], string]>([
  ['an id that was not given yet', 3, [timer(3)], 'id 3 is out of order, or beyond 2'],
  ['an id twice', 9, [timer(3), timer(3)], 'id 3 is out of order'],
  ['a due time without an end', 9, [timer(1, Infinity)], 'timer 1 is due at Infinity'],
  ['a due time that is no number', 9, [timer(1, NaN)], 'timer 1 is due at NaN'],
  ['a due time before all time', 9, [timer(1, -1)], 'timer 1 is due at -1'],
])('refuses %s', (_, nextId, waiting, words) => {
  expect(() => readTimers(written(nextId, ...waiting))).toThrow(words);
});
