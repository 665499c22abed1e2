import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BarrierAnswer, BarrierNews, BarrierState } from '../../src/barriers.machine.js';
import { Barriers } from '../../src/index.js';
import { Crowd, type Member } from '../support/crowd.js';
import { MachineLog } from '../support/machine-log.js';

const NAMES = ['a', '__proto__'] as const;

const who = fc.nat(9);
const which = fc.nat(1_000);
const name = fc.constantFrom(...NAMES);
const kind = <Kind extends string>(one: Kind): fc.Arbitrary<Kind> => fc.constant(one);

const anyStep = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kind('enter'),
      who,
      name,
      parties: fc.constantFrom(2, 2, 2, 2, 2, 3, 1, 0),
      isStaying: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('leave'), which }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('giveUp'), which }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('meddle'), which }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('arrive'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('depart'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('end'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('join') }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;

interface Party {
  readonly member: Member;
  readonly request: number;
  readonly name: string;
  readonly isStaying: boolean;
  where: 'waiting' | 'inside' | 'out';
  generation: number;
}

/** Barriers, and all parties in one list, in the order in which they came, each with where it is. */
class Pair {
  readonly #log = new MachineLog(() => new Barriers());
  readonly #crowd = new Crowd(this.#log, 'onTold', 3);
  /** Of sessions that go on. */
  #parties: Party[] = [];
  #leaving: { readonly member: Member; readonly request: number; readonly generation: number }[] = [];
  /** How many those who wait now wait for. */
  readonly #wanted = new Map<string, number>();
  #told: BarrierNews[] = [];
  #lastRequest = 0;
  #lastGeneration = 0;

  take(step: Step): void {
    switch (step.kind) {
      case 'enter':
        this.#enter(this.#crowd.at(step.who), step);
        break;
      case 'leave':
        this.#leave(this.#partyAt(step.which));
        break;
      case 'giveUp': {
        const party = this.#partyAt(step.which);
        if (!party) break;
        const { member, request, where } = party;
        expect(this.#log.command(member.session, 'giveUp', member.visitor, request)).toBe(where !== 'out');
        party.where = 'out';
        if (where === 'inside') this.#maybeClose(party.generation);
        break;
      }
      case 'meddle':
        this.#meddle(this.#partyAt(step.which));
        break;
      case 'arrive':
        this.#crowd.arrive(this.#crowd.at(step.who).session);
        break;
      case 'depart': {
        const member = this.#crowd.at(step.who);
        this.#crowd.depart(member);
        this.#breakFor([member]);
        break;
      }
      case 'end':
        this.#breakFor(this.#crowd.end(this.#crowd.at(step.who).session));
        break;
      default:
        this.#log.join();
    }
    this.#mustBeEqual();
  }

  #enter(
    member: Member,
    wish: { readonly name: string; readonly parties: number; readonly isStaying: boolean },
  ): void {
    const request = ++this.#lastRequest;
    const { session, visitor } = member;
    const { isStaying, name: at, parties } = wish;
    const enter = () =>
      this.#log.command(session, 'enter', at, { visitor, request, parties, isStaying }) as BarrierAnswer;
    const before = this.#at(at, 'waiting');
    const wanted = before.length > 0 ? this.#wanted.get(at) : parties;
    if (parties < 1) return expect(enter).toThrow('parties is 0');
    if (wanted !== parties) return expect(enter).toThrow(`waits for ${wanted} parties, not for ${parties}`);
    const answer = enter();
    const party: Party = { member, request, name: at, isStaying, where: 'waiting', generation: 0 };
    this.#parties.push(party);
    this.#wanted.set(at, parties);
    const all = [...before, party];
    expect(answer.kind).toBe(all.length < parties ? 'waiting' : 'opened');
    // Which generation it is, the machine says; that it is greater than all before, and one for all, the model.
    const seen =
      'generation' in answer
        ? answer.generation
        : (this.#log.query('look', at) as BarrierState | undefined)?.generation;
    party.generation = seen ?? 0;
    if (before.length === 0) expect(party.generation).toBeGreaterThan(this.#lastGeneration);
    else expect(party.generation).toBe(before[0]?.generation);
    this.#lastGeneration = Math.max(this.#lastGeneration, party.generation);
    if (answer.kind === 'waiting') return;
    for (const one of all) {
      one.where = one.isStaying ? 'inside' : 'out';
      if (one !== party) this.#tell(one, 'opened', party.generation);
    }
  }

  #leave(party: Party | undefined): void {
    if (!party) return;
    const { generation, member, request: entered, name: at, where } = party;
    const request = ++this.#lastRequest;
    const leave = (from: string) =>
      this.#log.command(member.session, 'leave', from, member.visitor, entered, request);
    // Of another barrier, it knows nothing.
    expect(leave(at === 'a' ? '__proto__' : 'a')).toEqual({ kind: 'broken', generation: 0 });
    const answer = leave(at);
    if (where !== 'inside') return expect(answer).toEqual({ kind: 'broken', generation: 0 });
    party.where = 'out';
    const isLast = this.#inside(generation).length === 0;
    expect(answer).toEqual(isLast ? { kind: 'left', generation } : { kind: 'waiting' });
    if (isLast) this.#maybeClose(generation);
    else this.#leaving.push({ member, request, generation });
  }

  /** What is one's own is nothing to another session. */
  #meddle(party: Party | undefined): void {
    const stranger = party && this.#crowd.strangerTo(party.member);
    if (!stranger) return;
    const { session } = stranger;
    const { member, name: at, request } = party;
    const { visitor } = member;
    const arrival = { visitor, request: 1e9, parties: 1, isStaying: false };
    expect(this.#log.command(session, 'giveUp', visitor, request)).toBe(false);
    const unknown = { kind: 'unknown-visitor' };
    expect(this.#log.command(session, 'leave', at, visitor, request, 1e9)).toEqual(unknown);
    expect(this.#log.command(session, 'enter', at, arrival)).toEqual(unknown);
    this.#log.command(session, 'depart', visitor);
  }

  #partyAt(at: number): Party | undefined {
    return this.#parties[at % Math.max(1, this.#parties.length)];
  }

  #at(at: string, where: Party['where']): readonly Party[] {
    return this.#parties.filter((one) => one.name === at && one.where === where);
  }

  #inside(generation: number): readonly Party[] {
    return this.#parties.filter((one) => one.where === 'inside' && one.generation === generation);
  }

  #tell(
    { member, request }: Pick<Party, 'member' | 'request'>,
    what: BarrierNews['kind'],
    generation: number,
  ) {
    const news = { request, kind: what, generation };
    this.#told.push(news);
    member.expected.push(news);
  }

  #maybeClose(generation: number): void {
    if (this.#inside(generation).length === 0) this.#tellLeaving(generation, 'left');
  }

  #tellLeaving(generation: number, what: 'left' | 'broken'): void {
    for (const one of this.#leaving) if (one.generation === generation) this.#tell(one, what, generation);
    this.#leaving = this.#leaving.filter((one) => one.generation !== generation);
  }

  /** One after the other: who waits, or is inside, with somebody who has gone is told. */
  #breakFor(gone: readonly Member[]): void {
    for (const member of gone) {
      for (const party of this.#parties.filter((one) => one.member === member)) {
        const { generation, where } = party;
        party.where = 'out';
        if (where === 'out') continue;
        if (where === 'inside') this.#tellLeaving(generation, 'broken');
        for (const other of this.#parties) {
          if (other.where !== where || other.generation !== generation) continue;
          other.where = 'out';
          this.#tell(other, 'broken', generation);
        }
      }
      this.#parties = this.#parties.filter((one) => one.member !== member);
    }
  }

  #mustBeEqual(): void {
    expect(this.#log.takeTold()).toEqual(this.#told);
    this.#told = [];
    for (const at of NAMES) {
      const [waiting, inside] = [this.#at(at, 'waiting'), this.#at(at, 'inside')];
      const state = this.#log.query('look', at) as BarrierState | undefined;
      if (waiting.length + inside.length === 0) {
        expect(state).toBeUndefined();
        continue;
      }
      expect(state).toMatchObject({ waiting: waiting.length, inside: inside.length });
      const [first] = waiting;
      if (first) expect(state).toMatchObject({ generation: first.generation, parties: this.#wanted.get(at) });
    }
    this.#crowd.mustHaveHeard();
    this.#log.mustAgree();
  }
}

it('barriers are what one list of parties is, whatever is done, and their generations only grow', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const pair = new Pair();
      for (const step of steps) pair.take(step);
    }),
    { numRuns: 150 },
  );
});
