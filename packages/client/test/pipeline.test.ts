import { seededRandom, VirtualClock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallOptions } from '../src/call-options.js';
import { Commands } from '../src/commands.js';
import { Contracts } from '../src/contracts.js';
import { SeenIndex } from '../src/seen-index.js';
import type { OnSessionExpired } from '../src/session-keeper.js';
import { resolveWindow } from '../src/window.js';
import { LossyGroup } from './support/lossy-group.js';

interface End {
  readonly name: string;
  /** Its place among all that were applied, the code of its error, or `given up`. */
  readonly end: number | string;
  readonly mayHaveHappened: boolean;
}

let clock: VirtualClock;
let closing: AbortController;
let group: LossyGroup;
let commands: Commands;
const underWay = new Set<string>();

function prepare(seed: number, onSessionExpired: OnSessionExpired = 'fail'): void {
  const random = seededRandom(seed);
  clock = new VirtualClock();
  closing = new AbortController();
  group = new LossyGroup(clock, random);
  underWay.clear();
  commands = new Commands({
    nodes: group.nodes,
    service: 1,
    ports: { clock, random, closed: closing.signal },
    seen: new SeenIndex(1),
    contracts: new Contracts(),
    sessionTimeoutMs: 5_000,
    onSessionExpired,
    window: resolveWindow(),
  });
}

beforeEach(() => prepare(1));

async function issue(name: string, options: CallOptions = { timeoutMs: 60_000 }): Promise<End> {
  underWay.add(name);
  try {
    const call = { machine: 'm', operation: 1, name: 'add', args: [] };
    const args = new TextEncoder().encode(name);
    const reply = await commands.ask(call, options, (origin) => ({
      kind: 'command',
      origin,
      machine: 5 as never,
      operation: 1 as never,
      args,
    }));
    const { outcome } = reply;
    if (outcome.kind === 'error') return { name, end: outcome.code, mayHaveHappened: false };
    return { name, end: group.applied.indexOf(name) + 1, mayHaveHappened: true };
  } catch (thrown) {
    if (!(thrown instanceof DecoraftError)) return { name, end: 'given up', mayHaveHappened: true };
    const data = thrown.data as { mayHaveHappened?: boolean } | undefined;
    const mayHaveHappened = data?.mayHaveHappened ?? thrown.code === 'Indeterminate';
    return { name, end: thrown.code, mayHaveHappened };
  } finally {
    underWay.delete(name);
  }
}

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `${at}`);

async function pass(durationMs: number, stepMs = 5): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += stepMs) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(stepMs);
  }
}

async function allOf<Result>(work: readonly Promise<Result>[]): Promise<readonly Result[]> {
  while (underWay.size > 0) await pass(50);
  return Promise.all(work);
}

/** What was applied is in the order of issue, once each, and as those who asked were told. */
function judge(ends: readonly End[]): void {
  const order = group.applied.map(Number);
  expect(order).toEqual([...new Set(order)].toSorted((left, right) => left - right));
  for (const { end, mayHaveHappened, name } of ends) {
    if (typeof end === 'number') expect(group.applied[end - 1]).toBe(name);
    if (!mayHaveHappened) expect(group.applied).not.toContain(name);
  }
}

describe('commands that are under way together, whatever the network does', () => {
  it('are applied in the order in which they were issued, once each, and end as they were told', async () => {
    const world = { seed: fc.nat(), trouble: fc.constantFrom(0.1, 0.4, 0.8), expires: fc.boolean() };
    await fc.assert(
      fc.asyncProperty(fc.record(world), async ({ expires, seed, trouble }) => {
        prepare(seed, seed % 2 === 0 ? 'fail' : 'renew');
        const random = seededRandom(seed + 1);
        group.trouble = trouble;
        const ends: Promise<End>[] = [];
        for (const name of names(60)) {
          const controller = new AbortController();
          const { signal } = controller;
          const timeoutMs = random() < 0.2 ? 50 + random() * 3_000 : 60_000;
          ends.push(issue(name, random() < 0.2 ? { timeoutMs, signal } : { timeoutMs }));
          if (random() < 0.2) clock.after(random() * 300, () => controller.abort(new Error('enough')));
          if (random() < 0.3) await pass(random() * 100);
          if (expires && random() < 0.03) group.expire();
        }
        await pass(2_000);
        group.trouble = 0;
        judge(await allOf(ends));
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('are all answered when the trouble ends before their time', async () => {
    for (let seed = 0; seed < 8; seed++) {
      prepare(seed);
      group.trouble = 0.5;
      const ends = names(120).map((name) => issue(name, { timeoutMs: 600_000 }));
      await pass(5_000);
      group.trouble = 0;
      expect((await allOf(ends)).map(({ end }) => end)).toEqual(names(120).map((_, at) => at + 1));
      expect(group.applied).toEqual(names(120));
    }
  }, 60_000);
});

describe('where nothing goes wrong', () => {
  it('each command is sent once', async () => {
    const ends = await allOf(names(3_000).map((name) => issue(name)));
    expect(ends.map(({ end }) => end)).toEqual(names(3_000).map((_, at) => at + 1));
    expect(group.received).toBe(3_000);
  });

  it('no session is opened before the first command', async () => {
    await pass(10_000);
    expect(group.sessions.size).toBe(0);
    await allOf([issue('0')]);
    expect(group.sessions.size).toBe(1);
  });
});

describe('a session that may leave only few answers unacknowledged', () => {
  it('is asked for little more than it has room for', async () => {
    group.repliesLimit = 4;
    const ends = await allOf(names(500).map((name) => issue(name)));
    expect(ends.map(({ end }) => end)).toEqual(names(500).map((_, at) => at + 1));
    expect(group.received).toBeLessThan(8 * 500);
  });
});

it('what stands behind one that was given up is not sent in vain while one before that is unanswered', async () => {
  await allOf([issue('0')]);
  const controller = new AbortController();
  group.toLose = 2;
  const lost = issue('1');
  const given = issue('2', { timeoutMs: 60_000, signal: controller.signal });
  const behind = names(50).map((name) => issue(`${3 + Number(name)}`));
  controller.abort(new Error('enough'));
  const ends = await allOf([lost, given, ...behind]);
  judge(ends);
  expect(ends.map(({ end }) => end)).toEqual([2, 'given up', ...names(50).map((_, at) => 3 + at)]);
  expect(group.received).toBeLessThan(5 * 50);
});

describe('when the connection to the cluster is closed', () => {
  it('what waits ends at once, and so does what is asked later', async () => {
    group.trouble = 1;
    const ends = names(3).map((name) => issue(name));
    await pass(100);
    closing.abort();
    const late = issue('3');
    await pass(10_000);
    expect(underWay.size).toBe(0);
    judge(await Promise.all([...ends, late]));
    expect((await late).end).toBe('Unavailable');
  });
});
