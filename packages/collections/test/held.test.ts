import type { SessionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BarrierAnswer, BarrierNews } from '../src/barriers.machine.js';
import type { LeaderChange } from '../src/elections.machine.js';
import { Barriers, Elections, Semaphores } from '../src/index.js';
import type { PermitAnswer, SemaphoreState } from '../src/semaphores.machine.js';
import { MachineLog } from './support/machine-log.js';

/** A client's session, and its number with the machine. */
interface Person {
  readonly session: SessionId;
  readonly visitor: number;
}

function arriveAt(log: MachineLog): Person {
  const session = log.open();
  return { session, visitor: log.command(session, 'attend') as number };
}

describe('an election', () => {
  it('tells those who watch of every leader, of its values and of none, and of nothing else', () => {
    const log = new MachineLog(() => new Elections());
    const [ann, bob, cyd] = [arriveAt(log), arriveAt(log), arriveAt(log)];
    const campaign = ({ session, visitor }: Person, value: string) =>
      log.command(session, 'campaign', 'a', { visitor, request: 1, value, isPatient: true });
    const changes = () =>
      (log.takeTold() as LeaderChange[]).flatMap((told) => {
        if (told.kind === 'led') return [told.leader.value];
        return told.kind === 'vacant' ? [told.kind] : [];
      });
    campaign(ann, 'Ann');
    expect(changes()).toEqual(['Ann']);
    campaign(bob, 'Bob');
    campaign(cyd, 'Cyd');
    log.command(bob.session, 'resign', bob.visitor, 1);
    expect(changes()).toEqual([]);
    expect(log.command(ann.session, 'proclaim', ann.visitor, 1, 'Ada')).toBe(true);
    expect(log.command(cyd.session, 'proclaim', cyd.visitor, 1, 'Eve')).toBe(false);
    expect(changes()).toEqual(['Ada']);
    log.end(ann.session);
    expect(changes()).toEqual(['Cyd']);
    expect(log.query('leaderOf', 'a')).toMatchObject({ value: 'Cyd', session: cyd.session });
    log.join();
    log.command(cyd.session, 'depart', cyd.visitor);
    expect(changes()).toEqual(['vacant']);
    expect(log.query('leaderOf', 'a')).toBeUndefined();
  });
});

it('a semaphore is what a plain list of wishes is, whatever is done', () => {
  const deed = fc.oneof(
    fc.record({
      kind: fc.constant('acquire' as const),
      permits: fc.integer({ min: 1, max: 3 }),
      isPatient: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('release' as const), which: fc.nat(100) }),
    fc.record({ kind: fc.constant('setPermits' as const), permits: fc.nat(4) }),
    fc.record({ kind: fc.constant('end' as const) }),
    fc.record({ kind: fc.constant('move' as const) }),
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 50 }), (script) => {
      const log = new MachineLog(() => new Semaphores());
      let ann = arriveAt(log);
      let permits = 3;
      let held: { request: number; permits: number }[] = [];
      let waiting: typeof held = [];
      const used = (): number => held.reduce((sum, one) => sum + one.permits, 0);
      const admit = (): number[] => {
        const admitted: number[] = [];
        for (let [first] = waiting; first && used() + first.permits <= permits; [first] = waiting) {
          waiting.shift();
          held.push(first);
          admitted.push(first.request);
        }
        return admitted;
      };
      log.command(ann.session, 'setPermits', 's', permits);
      script.forEach((what, request) => {
        switch (what.kind) {
          case 'acquire': {
            const wish = { visitor: ann.visitor, request, initialPermits: 9, ...what, kind: undefined };
            const ask = () => log.command(ann.session, 'acquire', 's', wish) as PermitAnswer;
            if (what.permits > permits) {
              expect(ask).toThrow(`semaphore s has ${permits} permits, never ${what.permits}`);
              break;
            }
            const isFree = waiting.length === 0 && used() + what.permits <= permits;
            expect(ask().kind).toBe(isFree ? 'granted' : what.isPatient ? 'waiting' : 'busy');
            if (isFree) held.push({ request, permits: what.permits });
            else if (what.isPatient) waiting.push({ request, permits: what.permits });
            break;
          }
          case 'release': {
            const all = [...held, ...waiting];
            const one = all[what.which % Math.max(1, all.length)];
            if (!one) break;
            held = held.filter((other) => other !== one);
            waiting = waiting.filter((other) => other !== one);
            expect(log.command(ann.session, 'release', ann.visitor, one.request)).toBe(true);
            break;
          }
          case 'setPermits':
            permits = what.permits;
            log.command(ann.session, 'setPermits', 's', permits);
            break;
          case 'end':
            log.end(ann.session);
            log.takeTold();
            held = [];
            waiting = [];
            ann = arriveAt(log);
            break;
          case 'move':
            log.join();
            break;
        }
        const told = log.takeTold() as { request: number }[];
        expect(told.map((one) => one.request)).toEqual(admit());
        const state = log.query('look', 's') as SemaphoreState;
        expect(state).toEqual({ permits, used: used(), waiting: waiting.length });
      });
    }),
    { numRuns: 200 },
  );
});

describe('a barrier', () => {
  const start = (count: number) => {
    const log = new MachineLog(() => new Barriers());
    const people = Array.from({ length: count }, () => arriveAt(log));
    const personAt = (at: number): Person => {
      const person = people[at];
      if (!person) throw new Error(`nobody is ${at}`);
      return person;
    };
    const enter = (at: number, request: number, isStaying = true, parties = 3): BarrierAnswer => {
      const { session, visitor } = personAt(at);
      return log.command(session, 'enter', 'b', { visitor, request, parties, isStaying }) as BarrierAnswer;
    };
    const leave = (at: number, entered: number, request: number): BarrierAnswer => {
      const { session, visitor } = personAt(at);
      return log.command(session, 'leave', 'b', visitor, entered, request) as BarrierAnswer;
    };
    const told = () => (log.takeTold() as BarrierNews[]).map(({ kind, request }) => `${kind} ${request}`);
    return { log, personAt, enter, leave, told };
  };

  it('opens when the last has come, closes when the last has left, and then begins anew', () => {
    const { enter, leave, log, told } = start(3);
    let last = 0;
    for (const round of [10, 20]) {
      expect(enter(0, round).kind).toBe('waiting');
      expect(enter(1, round + 1).kind).toBe('waiting');
      log.join();
      const opened = enter(2, round + 2);
      expect(opened).toMatchObject({ kind: 'opened' });
      const { generation = 0 } = opened as { generation?: number };
      expect(generation).toBeGreaterThan(last);
      last = generation;
      expect(told()).toEqual([`opened ${round}`, `opened ${round + 1}`]);
      expect(leave(1, round + 1, round + 5).kind).toBe('waiting');
      expect(leave(0, round, round + 6).kind).toBe('waiting');
      expect(log.query('look', 'b')).toMatchObject({ inside: 1 });
      expect(leave(2, round + 2, round + 7)).toEqual({ kind: 'left', generation });
      expect(told()).toEqual([`left ${round + 5}`, `left ${round + 6}`]);
      expect(log.query('look', 'b')).toBeUndefined();
    }
  });

  it('breaks for those who wait and for those inside when the session of one of them ends, and for nobody else', () => {
    const { enter, leave, personAt, log, told } = start(4);
    enter(0, 1);
    enter(1, 2);
    log.end(personAt(1).session);
    expect(told()).toEqual(['broken 1']);
    expect(log.query('look', 'b')).toBeUndefined();
    enter(0, 3);
    enter(2, 4);
    enter(3, 5);
    expect(told()).toEqual(['opened 3', 'opened 4']);
    expect(leave(0, 3, 6).kind).toBe('waiting');
    log.end(personAt(2).session);
    expect(told()).toEqual(['broken 6', 'broken 5']);
    expect(leave(3, 5, 7).kind).toBe('broken');
    expect(log.query('look', 'b')).toBeUndefined();
  });

  it('waits on for another party when one gives up, and refuses another number of parties', () => {
    const { enter, personAt, log, told } = start(4);
    enter(0, 1, false);
    enter(1, 2, false);
    const { session, visitor } = personAt(1);
    expect(log.command(session, 'giveUp', visitor, 2)).toBe(true);
    expect(() => enter(2, 3, false, 2)).toThrow('barrier b waits for 3 parties, not for 2');
    enter(2, 4, false);
    expect(enter(3, 5, false).kind).toBe('opened');
    expect(told()).toEqual(['opened 1', 'opened 4']);
    expect(log.query('look', 'b')).toBeUndefined();
  });
});
