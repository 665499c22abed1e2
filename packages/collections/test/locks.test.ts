import type { SessionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LockAnswer } from '../src/locks.machine.js';
import { Locks } from '../src/index.js';
import { MachineLog } from './support/machine-log.js';

let log: MachineLog;

beforeEach(() => {
  log = new MachineLog(() => new Locks());
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

const acquire = ({ session, visitor }: Person, name: string, request: number, isPatient = true): LockAnswer =>
  log.command(session, 'acquire', name, visitor, request, isPatient) as LockAnswer;

const release = ({ session, visitor }: Person, request: number): boolean =>
  log.command(session, 'release', visitor, request) as boolean;

const tokenOf = (answer: LockAnswer): number => (answer.kind === 'granted' ? answer.token : 0);

describe('a lock', () => {
  it('is had by one, and passes to those who wait in the order in which they came, with greater tokens', () => {
    const [ann, bob, cyd] = [arrive(), arrive(), arrive()];
    const first = tokenOf(acquire(ann, 'a', 1));
    expect(first).toBe(log.index);
    expect(acquire(bob, 'a', 1)).toEqual({ kind: 'waiting' });
    expect(acquire(cyd, 'a', 1)).toEqual({ kind: 'waiting' });
    expect(release(ann, 1)).toBe(true);
    expect(log.takeTold()).toEqual([{ request: 1, token: log.index }]);
    expect(log.query('holderOf', 'a')).toMatchObject({ session: bob.session, token: log.index });
    expect(release(bob, 1)).toBe(true);
    expect(log.query('holderOf', 'a')).toMatchObject({ session: cyd.session });
    expect(release(cyd, 1)).toBe(true);
    expect(log.query('holderOf', 'a')).toBeUndefined();
  });

  it('is not to be had at once while somebody has it, and one that would not wait is not in the line', () => {
    const [ann, bob] = [arrive(), arrive()];
    acquire(ann, 'a', 1);
    expect(acquire(bob, 'a', 1, false)).toEqual({ kind: 'busy' });
    expect(log.query('waitingFor', 'a')).toBe(0);
    expect(acquire(bob, 'b', 2, false)).toMatchObject({ kind: 'granted' });
  });

  it('is not re-entrant: who has it waits for itself', () => {
    const ann = arrive();
    acquire(ann, 'a', 1);
    expect(acquire(ann, 'a', 2)).toEqual({ kind: 'waiting' });
  });

  it('passes on when the session of its holder ends, over those whose session ends as well', () => {
    const [ann, bob, cyd] = [arrive(), arrive(), arrive()];
    const first = tokenOf(acquire(ann, 'a', 1));
    acquire(bob, 'a', 7);
    acquire(cyd, 'a', 8);
    log.takeTold();
    log.end(ann.session, bob.session);
    expect(log.takeTold()).toEqual([
      { request: 7, token: expect.any(Number) as number },
      { request: 8, token: expect.any(Number) as number },
    ]);
    const holder = log.query('holderOf', 'a') as { token: number; session: number };
    expect(holder.session).toBe(cyd.session);
    expect(holder.token).toBeGreaterThan(first + 1);
  });

  it('cannot be given back by another session, and a visitor of a session that has ended is unknown', () => {
    const [ann, bob] = [arrive(), arrive()];
    acquire(ann, 'a', 1);
    expect(release({ ...ann, session: bob.session }, 1)).toBe(false);
    expect(acquire({ ...ann, session: bob.session }, 'a', 2)).toEqual({ kind: 'unknown-visitor' });
    log.end(ann.session);
    expect(acquire({ ...ann, session: bob.session }, 'a', 2)).toEqual({ kind: 'unknown-visitor' });
    expect(log.query('holderOf', 'a')).toBeUndefined();
  });

  it('is waited for by 10,000 and no more', () => {
    const ann = arrive();
    for (let request = 0; request <= 10_000; request++) acquire(ann, 'a', request);
    expect(() => acquire(ann, 'a', 10_001)).toThrow('10000 wait for a already');
    expect(log.query('waitingFor', 'a')).toBe(10_000);
  });
});

/** What locks are, in the plainest words: for each name, who has it and who waits. */
class PlainLocks {
  readonly lines = new Map<string, { who: number; request: number }[]>();

  of(name: string) {
    const line = this.lines.get(name) ?? [];
    this.lines.set(name, line);
    return line;
  }

  leave(isGone: (one: { who: number; request: number }) => boolean): void {
    for (const [name, line] of this.lines) {
      this.lines.set(
        name,
        line.filter((one) => !isGone(one)),
      );
    }
  }
}

type Deed =
  | { readonly kind: 'acquire'; readonly who: number; readonly name: string; readonly isPatient: boolean }
  | { readonly kind: 'release'; readonly which: number }
  | { readonly kind: 'end'; readonly who: number }
  | { readonly kind: 'depart'; readonly who: number }
  | { readonly kind: 'move' };

const PEOPLE = 4;
const who = fc.nat(PEOPLE - 1);
const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('acquire' as const),
        who,
        name: fc.constantFrom('a', 'b', '__proto__'),
        isPatient: fc.boolean(),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(1_000) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), who }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('depart' as const), who }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const) }) },
  ),
  { maxLength: 60 },
);

it('locks are what plain lists of names are, whatever is done, and their tokens only grow', () => {
  fc.assert(
    fc.property(deeds, (script) => {
      log = new MachineLog(() => new Locks());
      const people = Array.from({ length: PEOPLE }, arrive);
      const personAt = (at: number): Person => {
        const person = people[at];
        if (!person) throw new Error(`nobody is ${at}`);
        return person;
      };
      const model = new PlainLocks();
      const asked: { who: number; request: number; name: string }[] = [];
      let lastToken = 0;
      const heads = new Map<string, string>();
      script.forEach((deed, request) => {
        log.wait(10);
        switch (deed.kind) {
          case 'acquire': {
            const line = model.of(deed.name);
            const isFree = line.length === 0;
            const answer = acquire(personAt(deed.who), deed.name, request, deed.isPatient);
            expect(answer.kind).toBe(isFree ? 'granted' : deed.isPatient ? 'waiting' : 'busy');
            if (!isFree && !deed.isPatient) break;
            line.push({ who: deed.who, request });
            asked.push({ who: deed.who, request, name: deed.name });
            break;
          }
          case 'release': {
            const one = asked[deed.which % Math.max(1, asked.length)];
            if (!one) break;
            const isIn = model.of(one.name).some(({ request: number }) => number === one.request);
            expect(release(personAt(one.who), one.request)).toBe(isIn);
            model.leave(({ request: number }) => number === one.request);
            break;
          }
          case 'end':
          case 'depart': {
            const { session, visitor } = personAt(deed.who);
            if (deed.kind === 'end') log.end(session);
            else log.command(session, 'depart', visitor);
            model.leave((one) => one.who === deed.who);
            people[deed.who] = arrive();
            // What was asked by the one before is nothing to this one.
            asked.splice(0, asked.length, ...asked.filter((one) => one.who !== deed.who));
            break;
          }
          case 'move':
            log.join();
            break;
        }
        const tokens: number[] = [];
        for (const [name, [head, ...waiting]] of model.lines) {
          const holder = log.query('holderOf', name) as { token: number; session: number } | undefined;
          expect(holder?.session).toBe(head && personAt(head.who).session);
          expect(log.query('waitingFor', name)).toBe(waiting.length);
          const key = `${holder?.token}`;
          if (holder && heads.get(name) !== key) tokens.push(holder.token);
          heads.set(name, key);
        }
        for (const token of tokens.toSorted((left, right) => left - right)) {
          expect(token).toBeGreaterThan(lastToken);
          lastToken = token;
        }
      });
    }),
    { numRuns: 200 },
  );
});
