import type { SessionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Queues } from '../src/index.js';
import type { Delivered, Enqueued, QueueCounts, ReceiveAnswer } from '../src/queue-messages.js';
import { MachineLog } from './support/machine-log.js';
import { type Given, PlainQueue } from './support/plain-queue.js';

let log: MachineLog;
let lastRequest = 0;

beforeEach(() => {
  log = new MachineLog(() => new Queues());
});

/** A client's session, and its number with the machine. */
interface Person {
  readonly session: SessionId;
  readonly visitor: number;
}

function arrive(): Person {
  const session = log.open();
  return { session, visitor: log.command(session, 'attend') as number };
}

const enqueue = ({ session }: Person, body: unknown, options: object = {}): Enqueued =>
  log.command(session, 'enqueue', 'q', { body, delayMs: 0, ...options }) as Enqueued;

function receive({ session, visitor }: Person, options: object = {}, name = 'q'): ReceiveAnswer {
  const wish = { visitor, request: ++lastRequest, max: 1, visibilityMs: 1_000, isPatient: false, ...options };
  return log.command(session, 'receive', name, wish) as ReceiveAnswer;
}

function itemsOf(answer: ReceiveAnswer): readonly Delivered[] {
  return answer.kind === 'delivered' ? answer.items : [];
}

function one(answer: ReceiveAnswer): Delivered {
  const [item] = itemsOf(answer);
  if (!item) throw new Error(`not delivered: ${answer.kind}`);
  return item;
}

const does = ({ session }: Person, what: string, ...args: unknown[]): unknown =>
  log.command(session, what, 'q', ...args);

describe('a queue', () => {
  it('gives items in the order in which they came, each to one receiver, with receipts that grow', () => {
    const [ann, bob] = [arrive(), arrive()];
    for (const body of ['a', { b: 1 }, ['c']]) enqueue(ann, body);
    const [a, b] = itemsOf(receive(ann, { max: 2 }));
    const c = one(receive(bob));
    expect([a?.body, b?.body, c.body]).toEqual(['a', { b: 1 }, ['c']]);
    expect(b?.receipt).toBeGreaterThan(a?.receipt ?? 0);
    expect(c.receipt).toBeGreaterThan(b?.receipt ?? 0);
    expect(receive(bob)).toEqual({ kind: 'empty' });
    for (const item of [a, b, c]) does(bob, 'acknowledge', item?.receipt);
    expect(log.query('count', 'q')).toEqual({ ready: 0, delayed: 0, delivered: 0, receivers: 0 });
  });

  it('gives an item to others when its time is over, and refuses the old receipt in all that is done with it', () => {
    const [ann, bob] = [arrive(), arrive()];
    enqueue(ann, 'a');
    const old = one(receive(ann));
    log.pass(999);
    expect(receive(bob)).toEqual({ kind: 'empty' });
    log.pass(1);
    for (const [what, ...more] of [['acknowledge'], ['extend', 10], ['reject', 0]] as const) {
      expect(() => does(ann, what, old.receipt, ...more)).toThrow('is not valid any more');
    }
    const young = one(receive(bob));
    expect(young).toMatchObject({ id: old.id, attempts: 2 });
    expect(() => does(ann, 'acknowledge', old.receipt)).toThrow('is not valid any more');
    does(bob, 'acknowledge', young.receipt);
    expect(() => does(bob, 'acknowledge', young.receipt)).toThrow('is not valid any more');
  });

  it('leaves an item to its receiver for as long as that says', () => {
    const [ann, bob] = [arrive(), arrive()];
    enqueue(ann, 'a');
    const { receipt } = one(receive(ann));
    for (let round = 0; round < 5; round++) {
      log.pass(900);
      does(ann, 'extend', receipt, 1_000);
    }
    expect(receive(bob)).toEqual({ kind: 'empty' });
    does(ann, 'acknowledge', receipt);
    log.pass(10_000);
    expect(receive(bob)).toEqual({ kind: 'empty' });
  });

  it('gives the items of a session that has ended to who waits, but where it is told to wait', () => {
    const [ann, bob] = [arrive(), arrive()];
    enqueue(ann, 'a');
    receive(ann);
    expect(receive(bob, { isPatient: true })).toEqual({ kind: 'waiting' });
    log.end(ann.session);
    expect(log.takeTold()).toMatchObject([{ request: lastRequest, items: [{ body: 'a', attempts: 2 }] }]);
    does(bob, 'configure', { onSessionEnd: 'wait' });
    log.end(bob.session);
    const cyd = arrive();
    expect(receive(cyd)).toEqual({ kind: 'empty' });
    log.pass(1_000);
    expect(one(receive(cyd))).toMatchObject({ body: 'a', attempts: 3 });
  });

  it('takes back what was delivered to a question that was given up, as if it never was', () => {
    const [ann, bob] = [arrive(), arrive()];
    enqueue(ann, 'a');
    receive(ann);
    does(ann, 'giveUp', ann.visitor, lastRequest);
    expect(one(receive(bob)).attempts).toBe(1);
    receive(ann, { isPatient: true });
    does(ann, 'giveUp', ann.visitor, lastRequest);
    enqueue(bob, 'b');
    expect(log.takeTold()).toEqual([]);
    expect(one(receive(bob)).body).toBe('b');
  });

  it('puts what nobody could handle aside, with where it came from', () => {
    const ann = arrive();
    does(ann, 'configure', { maxAttempts: 2 });
    const { id } = enqueue(ann, 'a');
    does(ann, 'reject', one(receive(ann)).receipt, 0);
    does(ann, 'reject', one(receive(ann)).receipt, 500);
    log.pass(1_000);
    expect(receive(ann)).toEqual({ kind: 'empty' });
    expect(one(receive(ann, {}, 'q.dead'))).toMatchObject({ id, body: 'a', attempts: 1, from: 'q' });
  });

  it('takes an item in once under one deduplicationId, while that is remembered', () => {
    const ann = arrive();
    does(ann, 'configure', { deduplicationMs: 1_000 });
    const first = enqueue(ann, 'a', { deduplicationId: '__proto__' });
    expect(enqueue(ann, 'a', { deduplicationId: '__proto__' })).toEqual({ id: first.id, isDuplicate: true });
    does(ann, 'acknowledge', one(receive(ann)).receipt);
    expect(enqueue(ann, 'a', { deduplicationId: '__proto__' }).isDuplicate).toBe(true);
    log.pass(1_000);
    expect(enqueue(ann, 'a', { deduplicationId: '__proto__' }).isDuplicate).toBe(false);
  });

  it('refuses more items than it may hold, and numbers that cannot be', () => {
    const ann = arrive();
    does(ann, 'configure', { maxItems: 1 });
    // Not named, whoever wrote it out: else there would be no limit.
    does(ann, 'configure', { maxItems: undefined });
    expect(log.query('settingsOf', 'q')).toMatchObject({ maxItems: 1, maxAttempts: 0 });
    enqueue(ann, 'a');
    receive(ann);
    expect(() => enqueue(ann, 'b')).toThrow('queue q holds 1 items already');
    expect(() => receive(ann, { max: 0 })).toThrow('max is 0');
    expect(() => receive(ann, { visibilityMs: -1 })).toThrow('visibilityMs is -1');
    expect(() => enqueue(ann, 'b', { delayMs: Infinity })).toThrow();
    expect(() => does(ann, 'configure', { maxItems: 0.5 })).toThrow('maxItems is 0.5');
    expect(() => does(ann, 'expire', 1)).toThrow('timers only');
  });
});

const PEOPLE = 3;
const who = fc.nat(PEOPLE - 1);
const waitMs = fc.constantFrom(10, 20, 50);
const kind = <Kind extends string>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);
const deeds = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: kind('enqueue'), delayMs: fc.constantFrom(0, 0, 20, 40) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: kind('receive'),
        who,
        max: fc.constantFrom(1, 1, 3),
        visibilityMs: waitMs,
        isPatient: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: kind('acknowledge'), which: fc.nat(1_000) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: kind('reject'), which: fc.nat(1_000), delayMs: fc.constantFrom(0, 30) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('extend'), which: fc.nat(1_000), visibilityMs: waitMs }) },
    { weight: 4, arbitrary: fc.record({ kind: kind('pass'), durationMs: waitMs }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('end'), who }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('move') }) },
  ),
  { maxLength: 60 },
);

it('a queue is what a plain list is, whatever is done: every item is somewhere, and old receipts are refused', () => {
  fc.assert(
    fc.property(deeds, (script) => {
      log = new MachineLog(() => new Queues());
      const people = Array.from({ length: PEOPLE }, arrive);
      const personAt = (at: number): Person => {
        const person = people[at];
        if (!person) throw new Error(`nobody is ${at}`);
        return person;
      };
      does(personAt(0), 'configure', { maxAttempts: 3 });
      const model = new PlainQueue(3);
      /** Real receipts, in the order in which they were given: the model numbers its own alike. */
      const receipts: number[] = [];
      const note = (items: readonly Delivered[]) => {
        receipts.push(...items.map(({ receipt }) => receipt));
        return items.map(({ attempts, id }) => ({ id, attempts }));
      };
      const mustTell = (given: readonly Given[]): void => {
        const told = log.takeTold() as (Given & { items: readonly Delivered[] })[];
        expect(told.map(({ items, request }) => ({ request, items: note(items) }))).toEqual(given);
      };
      /** Does something with a receipt, in both: or it is refused in both. */
      const withReceipt = (
        which: number,
        real: (receipt: number) => unknown,
        plain: (at: number) => void,
      ) => {
        if (receipts.length === 0) return;
        const at = which % receipts.length;
        const isValid = model.away.some(({ holder }) => holder?.receipt === at + 1);
        if (isValid) {
          real(receipts[at] ?? 0);
          plain(at + 1);
        } else {
          expect(() => real(receipts[at] ?? 0)).toThrow('is not valid any more');
        }
      };
      let items = 0;
      let gone = 0;
      for (const deed of script) {
        const ann = personAt(0);
        switch (deed.kind) {
          case 'enqueue':
            expect(enqueue(ann, items, { delayMs: deed.delayMs }).id).toBe(++items);
            mustTell(model.enqueue(items, deed.delayMs));
            break;
          case 'receive': {
            const { isPatient, max, visibilityMs } = deed;
            const answer = receive(personAt(deed.who), { isPatient, max, visibilityMs });
            const asked = { who: deed.who, request: lastRequest, max, visibilityMs };
            expect(note(itemsOf(answer))).toEqual(model.take(asked));
            if (answer.kind === 'waiting') model.receivers.push(asked);
            expect(answer.kind === 'empty').toBe(!isPatient && itemsOf(answer).length === 0);
            break;
          }
          case 'acknowledge':
            withReceipt(
              deed.which,
              (receipt) => does(ann, 'acknowledge', receipt),
              (at) => {
                gone += model.remove(({ holder }) => holder?.receipt === at).length;
              },
            );
            break;
          case 'reject':
            withReceipt(
              deed.which,
              (receipt) => does(ann, 'reject', receipt, deed.delayMs),
              (at) => mustTell(model.reject(at, deed.delayMs)),
            );
            break;
          case 'extend':
            withReceipt(
              deed.which,
              (receipt) => does(ann, 'extend', receipt, deed.visibilityMs),
              (at) => model.extend(at, deed.visibilityMs),
            );
            break;
          case 'pass':
            log.pass(deed.durationMs);
            mustTell(model.pass(deed.durationMs));
            break;
          case 'end':
            log.end(personAt(deed.who).session);
            mustTell(model.end(deed.who));
            people[deed.who] = arrive();
            break;
          case 'move':
            log.join();
            break;
        }
        const counts = log.query('count', 'q') as QueueCounts;
        const delivered = model.away.filter(({ holder }) => holder).length;
        expect(counts).toEqual({
          ready: model.ready.length,
          delayed: model.away.length - delivered,
          delivered,
          receivers: model.receivers.length,
        });
        expect(log.query('count', 'q.dead')).toMatchObject({ ready: model.dead.length });
        const left = counts.ready + counts.delayed + counts.delivered + model.dead.length;
        expect(left + gone).toBe(items);
      }
      expect(receipts).toEqual(receipts.toSorted((left, right) => left - right));
      expect(new Set(receipts).size).toBe(receipts.length);
    }),
    { numRuns: 300 },
  );
});
