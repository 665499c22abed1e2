import type { SubscriptionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CampaignAnswer, Election, LeaderChange } from '../../src/elections.machine.js';
import { Elections } from '../../src/index.js';
import { Crowd, type Member } from '../support/crowd.js';
import { MachineLog } from '../support/machine-log.js';

const NAMES = ['a', 'b', '__proto__'] as const;

const who = fc.nat(9);
const which = fc.nat(1_000);
const value = fc.constantFrom('', 'x', 'y');
const kind = <Kind extends string>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);

const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('campaign'),
      who,
      name: fc.constantFrom(...NAMES),
      value,
      isPatient: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('campaign-again'), which }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('resign'), which }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('proclaim'), which, value }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('meddle'), which }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('arrive'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('depart'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('end'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('join') }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;

interface Candidate {
  readonly member: Member;
  readonly request: number;
  readonly name: string;
  value: string;
  /** As a leader; 0 before. */
  term: number;
  sinceMs: number;
}

type Told =
  | { readonly kind: 'elected'; readonly candidate: Candidate }
  | { readonly kind: 'led'; readonly candidate: Candidate; readonly value: string }
  | { readonly kind: 'vacant'; readonly name: string };

/** Elections, and all candidates in one list, in the order in which they came: the first of a name leads. */
class Pair {
  readonly #log = new MachineLog(() => new Elections());
  readonly #crowd = new Crowd(this.#log, 'onElected', 3);
  readonly #watching = new Map<string, { subscription: SubscriptionId; changes: unknown[] }>();
  /** All that ever were, of sessions that go on; and those who still are. */
  #all: Candidate[] = [];
  #candidates: Candidate[] = [];
  #told: Told[] = [];
  #lastRequest = 0;
  #lastTerm = 0;

  constructor() {
    const session = this.#log.open();
    for (const name of NAMES) {
      const subscription = this.#log.subscribe(session, 'onLeaderChanged', name);
      this.#watching.set(name, { subscription, changes: [] });
    }
  }

  take(step: Step): void {
    this.#log.wait(10);
    switch (step.kind) {
      case 'campaign':
        this.#campaign(this.#crowd.at(step.who), step);
        break;
      case 'campaign-again':
        this.#campaignAgain(this.#candidateAt(step.which));
        break;
      case 'resign': {
        const candidate = this.#candidateAt(step.which);
        if (!candidate) break;
        const { member, request } = candidate;
        expect(this.#log.command(member.session, 'resign', member.visitor, request)).toBe(
          this.#candidates.includes(candidate),
        );
        this.#remove([candidate]);
        break;
      }
      case 'proclaim': {
        const candidate = this.#candidateAt(step.which);
        if (!candidate) break;
        const { member, name, request } = candidate;
        const leads = this.#leaderOf(name) === candidate;
        const proclaimed = this.#log.command(member.session, 'proclaim', member.visitor, request, step.value);
        expect(proclaimed).toBe(leads);
        if (!leads) break;
        candidate.value = step.value;
        this.#told.push({ kind: 'led', candidate, value: step.value });
        break;
      }
      case 'meddle':
        this.#meddle(this.#candidateAt(step.which));
        break;
      case 'arrive':
        this.#crowd.arrive(this.#crowd.at(step.who).session);
        break;
      case 'depart': {
        const member = this.#crowd.at(step.who);
        this.#crowd.depart(member);
        this.#remove(this.#all.filter((one) => one.member === member));
        break;
      }
      case 'end': {
        const gone = this.#crowd.end(this.#crowd.at(step.who).session);
        this.#remove(gone.flatMap((member) => this.#all.filter((one) => one.member === member)));
        this.#all = this.#all.filter((one) => !gone.includes(one.member));
        break;
      }
      default:
        this.#log.join();
    }
    this.#mustBeEqual();
  }

  #campaign(
    member: Member,
    wish: { readonly name: string; readonly value: string; readonly isPatient: boolean },
  ): void {
    const request = ++this.#lastRequest;
    const answer = this.#ask(member, request, wish);
    const leader = this.#leaderOf(wish.name);
    expect(answer.kind).toBe(leader ? (wish.isPatient ? 'waiting' : 'busy') : 'elected');
    if (answer.kind !== 'waiting' && answer.kind !== 'elected') return;
    const { name, value: said } = wish;
    const candidate = { member, request, name, value: said, term: 0, sinceMs: 0 };
    this.#all.push(candidate);
    this.#candidates.push(candidate);
    if (answer.kind === 'waiting') return;
    this.#elect(candidate, answer.term);
    this.#told.push({ kind: 'led', candidate, value: said });
  }

  /** A number is for one campaign, whatever the name. */
  #campaignAgain(candidate: Candidate | undefined): void {
    if (!candidate || !this.#candidates.includes(candidate)) return;
    const name = this.#leaderOf('a') ? 'b' : 'a';
    const ask = () => this.#ask(candidate.member, candidate.request, { name, value: '', isPatient: true });
    expect(ask).toThrow(`request ${candidate.request} was made before`);
  }

  /** What is one's own is nothing to another session. */
  #meddle(candidate: Candidate | undefined): void {
    const stranger = candidate && this.#crowd.strangerTo(candidate.member);
    if (!stranger) return;
    const { visitor } = candidate.member;
    const { session } = stranger;
    expect(this.#log.command(session, 'resign', visitor, candidate.request)).toBe(false);
    expect(this.#log.command(session, 'proclaim', visitor, candidate.request, 'z')).toBe(false);
    const wish = { name: 'a', value: 'z', isPatient: true };
    expect(this.#ask({ ...candidate.member, session }, 1e9, wish)).toEqual({ kind: 'unknown-visitor' });
    this.#log.command(session, 'depart', visitor);
  }

  #ask(
    { session, visitor }: Member,
    request: number,
    { name, ...wish }: { readonly name: string; readonly value: string; readonly isPatient: boolean },
  ): CampaignAnswer {
    return this.#log.command(session, 'campaign', name, { visitor, request, ...wish }) as CampaignAnswer;
  }

  #candidateAt(at: number): Candidate | undefined {
    return this.#all[at % Math.max(1, this.#all.length)];
  }

  #leaderOf(name: string): Candidate | undefined {
    return this.#candidates.find((one) => one.name === name);
  }

  /** They go together: none of them leads for a moment. Names change in the order of those who go. */
  #remove(candidates: readonly Candidate[]): void {
    const gone = candidates.filter((one) => this.#candidates.includes(one));
    const leadersBefore = new Map(NAMES.map((name) => [name as string, this.#leaderOf(name)]));
    this.#candidates = this.#candidates.filter((one) => !gone.includes(one));
    for (const name of new Set(gone.map((one) => one.name))) {
      const candidate = this.#leaderOf(name);
      if (candidate === leadersBefore.get(name)) continue;
      if (!candidate) this.#told.push({ kind: 'vacant', name });
      else
        this.#told.push({ kind: 'elected', candidate }, { kind: 'led', candidate, value: candidate.value });
    }
  }

  #elect(candidate: Candidate, term: number): void {
    expect(term).toBeGreaterThan(this.#lastTerm);
    this.#lastTerm = term;
    candidate.term = term;
    candidate.sinceMs = this.#log.timeMs;
  }

  #mustBeEqual(): void {
    const told = this.#log.takeTold() as (Election | LeaderChange)[];
    expect(told).toHaveLength(this.#told.length);
    for (const [at, expected] of this.#told.entries()) {
      const actual = told[at];
      switch (expected.kind) {
        case 'elected': {
          const { candidate } = expected;
          // Which term it is, the machine says; that it is greater than all before, the model.
          this.#elect(candidate, (actual as Election).term);
          const election = { request: candidate.request, term: candidate.term };
          expect(actual).toEqual(election);
          candidate.member.expected.push(election);
          break;
        }
        case 'led': {
          const { candidate } = expected;
          const change = { kind: 'led', leader: { ...leaderFrom(candidate), value: expected.value } };
          expect(actual).toEqual(change);
          this.#watching.get(candidate.name)?.changes.push(change);
          break;
        }
        case 'vacant':
          expect(actual).toEqual({ kind: 'vacant' });
          this.#watching.get(expected.name)?.changes.push({ kind: 'vacant' });
          break;
      }
    }
    this.#told = [];
    for (const name of NAMES) {
      const [leader, ...others] = this.#candidates.filter((one) => one.name === name);
      expect(this.#log.query('leaderOf', name)).toEqual(leader && leaderFrom(leader));
      expect(this.#log.query('candidatesOf', name)).toBe(others.length);
    }
    for (const { changes, subscription } of this.#watching.values()) {
      expect(this.#log.heard(subscription)).toEqual(changes);
    }
    this.#crowd.mustHaveHeard();
    const { turnstile } = this.#log.state as { turnstile: { lines: Map<string, unknown> } };
    expect(new Set(turnstile.lines.keys())).toEqual(new Set(this.#candidates.map(({ name }) => name)));
    this.#log.mustAgree();
  }
}

function leaderFrom({ member, sinceMs, term, value: said }: Candidate): object {
  return { term, value: said, session: member.session, sinceMs };
}

it('elections are what one list of candidates is, whatever is done, and their terms only grow', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const pair = new Pair();
      for (const step of steps) pair.take(step);
    }),
    { numRuns: 150 },
  );
});
