import type { MachineId, OperationId, TimerId } from '@decoraft/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AgreedLimits } from '../src/agreed-limits.js';
import { type Timer, Timers } from '../src/timers.js';
import { AlarmLog, alarmReplica } from './alarm.js';

type Step =
  | { readonly kind: 'add'; readonly machine: number; readonly dueMs: number }
  | { readonly kind: 'cancel'; readonly machine: number; readonly id: number }
  | { readonly kind: 'take'; readonly afterMs: number; readonly cancelled: number; readonly added: number }
  | { readonly kind: 'restore' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add'),
      machine: fc.integer({ min: 1, max: 3 }),
      dueMs: fc.nat(60),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('cancel'),
      machine: fc.integer({ min: 1, max: 3 }),
      id: fc.nat(40),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('take'),
      afterMs: fc.nat(20),
      cancelled: fc.nat(40),
      added: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore') }) },
);

/** Machine 3 is not registered. */
const isHosted = (machine: MachineId): boolean => machine !== 3;

const byTurn = (left: Timer, right: Timer): number =>
  left.dueMs - right.dueMs || left.machine - right.machine || left.id - right.id;

it('timers come out as from a sorted list, whatever is added, cancelled, taken and restored between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let timers = new Timers(new AgreedLimits());
      let twin: Timer[] = [];
      const next = new Map<number, number>();
      let nowMs = 0;
      const add = (number: number, dueMs: number): Timer => {
        const timer = {
          machine: number as MachineId,
          dueMs,
          operation: 1 as OperationId,
          args: new Uint8Array(0),
        };
        const id = timers.add(timer);
        expect(id).toBe((next.get(number) ?? 0) + 1);
        next.set(number, id);
        return { ...timer, id };
      };
      const cancel = (number: number, id: number): void => {
        const isWaiting = twin.some((timer) => timer.machine === number && timer.id === id);
        expect(timers.cancel(number as MachineId, id as TimerId)).toBe(isWaiting);
        twin = twin.filter((timer) => timer.machine !== number || timer.id !== id);
      };
      for (const one of steps) {
        if (one.kind === 'add') twin.push(add(one.machine, nowMs + one.dueMs));
        else if (one.kind === 'cancel') cancel(one.machine, one.id);
        else if (one.kind === 'take') {
          nowMs += one.afterMs;
          const due = twin.filter((timer) => timer.dueMs <= nowMs && timer.machine !== 3).toSorted(byTurn);
          const added: Timer[] = [];
          for (const timer of timers.takeDue(nowMs, isHosted)) {
            // What was cancelled before its turn is not there any more.
            while (due[0] && !twin.includes(due[0])) due.shift();
            const expected = due.shift();
            expect(timer).toEqual(expected);
            twin = twin.filter((other) => other !== expected);
            if (added.length < one.added) added.push(add(1, nowMs));
            cancel(2, one.cancelled);
          }
          expect(due.filter((timer) => twin.includes(timer))).toEqual([]);
          twin.push(...added);
        } else {
          const all = timers.all().map((machine) => ({ ...machine, waiting: [...machine.waiting] }));
          timers = new Timers(new AgreedLimits());
          timers.restore(all);
          expect(timers.all().map((machine) => ({ ...machine, waiting: [...machine.waiting] }))).toEqual(all);
        }
        expect(timers.count).toBe(twin.length);
        const due = twin.filter((timer) => timer.machine !== 3).map((timer) => timer.dueMs);
        expect(timers.nextDueMs <= Math.min(...due)).toBe(true);
        if (twin.every((timer) => timer.machine !== 3)) expect(timers.nextDueMs).toBe(Math.min(...due));
      }
    }),
    { numRuns: 200 },
  );
});

it('what was cancelled does not pile up', () => {
  const timers = new Timers(new AgreedLimits());
  const machine = 1 as MachineId;
  const add = (dueMs: number): TimerId =>
    timers.add({ machine, dueMs, operation: 1 as OperationId, args: new Uint8Array(0) });
  add(1);
  // A lease that is renewed all the time: its timer is set and cancelled, and there is never more than one.
  let last = add(10);
  let cancelled = 0;
  for (let time = 0; time < 200_000; time++) {
    if (timers.cancel(machine, last)) cancelled += 1;
    last = add(time + 10);
  }
  expect(cancelled).toBe(200_000);
  expect(timers.count).toBe(2);
  const [first, second] = [...timers.takeDue(Infinity, () => true)];
  expect([first?.dueMs, second?.dueMs]).toEqual([1, 200_009]);
  expect(timers.nextDueMs).toBe(Infinity);
});

interface Action {
  readonly operation: 'setFor' | 'unset' | 'again' | 'hush' | 'ring' | 'setAndFail' | 'pass';
  readonly afterMs: number;
  readonly number: number;
}

const anyAction: fc.Arbitrary<Action> = fc.record({
  operation: fc.constantFrom(
    'setFor',
    'setFor',
    'unset',
    'again',
    'hush',
    'ring',
    'setAndFail',
    'pass',
    'pass',
  ),
  // Also back: the clock of a leader may.
  afterMs: fc.integer({ min: -20, max: 40 }),
  number: fc.nat(30),
});

function act(log: AlarmLog, { number, operation }: Action): void {
  switch (operation) {
    case 'setFor':
      return void log.command('setFor', number, `ring ${number}`);
    case 'again':
      return void log.command('again', 1 + (number % 4), number);
    case 'hush':
      return void log.command('setAny', number, 'hush', [number]);
    case 'setAndFail':
      return void log.command('setAny', number, 'setAndFail', [number, 'as asked']);
    case 'unset':
      return void log.command('unset', number);
    case 'ring':
      return void log.command('ring', 'now');
    default:
      return void log.append({ kind: 'advance-time' });
  }
}

/** What `alarm` should have heard by the log, worked out with a list that is sorted again and again. */
class Twin {
  readonly heard: string[] = [];
  #waiting: { readonly id: number; readonly dueMs: number; readonly run: () => void }[] = [];
  #nextId = 1;
  #nowMs = 1_000;

  entry(timeMs: number, action: Action): void {
    this.#nowMs = Math.max(this.#nowMs, timeMs);
    const due = this.#waiting
      .filter(({ dueMs }) => dueMs <= this.#nowMs)
      .toSorted((left, right) => left.dueMs - right.dueMs || left.id - right.id);
    for (const timer of due) if (this.#drop(timer.id)) timer.run();
    this.#act(action);
  }

  #act({ number, operation }: Action): void {
    if (operation === 'setFor') this.#set(number, () => this.heard.push(`ring ${number}`));
    if (operation === 'again') this.#again(1 + (number % 4), number);
    if (operation === 'hush')
      this.#set(number, () => (this.heard.push(`hush ${number}`), this.#drop(number)));
    if (operation === 'setAndFail') {
      this.#set(number, () => this.#set(number, () => this.heard.push('set before the failure')));
    }
    if (operation === 'unset') this.#drop(number);
    if (operation === 'ring') this.heard.push('now');
  }

  #again(times: number, delayMs: number): void {
    this.heard.push(`again ${times}`);
    if (times > 1) this.#set(delayMs, () => this.#again(times - 1, delayMs));
  }

  #set(delayMs: number, run: () => void): void {
    this.#waiting.push({ id: this.#nextId++, dueMs: this.#nowMs + delayMs, run });
  }

  #drop(id: number): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((timer) => timer.id !== id);
    return this.#waiting.length < before;
  }
}

it('a machine hears what a sorted list says, on every replica, also on one that was restored on the way', () => {
  fc.assert(
    fc.property(fc.array(anyAction, { minLength: 1, maxLength: 40 }), fc.nat(), (actions, seed) => {
      const log = new AlarmLog(alarmReplica(), alarmReplica());
      const twin = new Twin();
      let timeMs = 1_000;
      for (const [at, one] of actions.entries()) {
        if (at === seed % actions.length) {
          const restored = alarmReplica();
          restored.restore(log.replicas[0].snapshot());
          log.replicas.push(restored);
        }
        timeMs += one.afterMs;
        act(log.at(timeMs), one);
        twin.entry(timeMs, one);
        expect(log.names()).toEqual(twin.heard);
      }
      const [first, ...others] = log.replicas;
      for (const other of others) {
        expect(log.rung(other)).toEqual(log.rung(first));
        expect(other.stateHash()).toBe(first.stateHash());
      }
    }),
    { numRuns: 200 },
  );
});
