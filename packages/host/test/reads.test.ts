import type { Raft, ReadProof } from '@decoraft/raft';
import { beforeEach, describe, expect, it } from 'vitest';
import { Reads } from '../src/reads.js';

const LIMIT = 100;
const FIRST = 1_000;

let asked: { readonly context: number; readonly proof: ReadProof }[];
let isLeader: boolean;
let knowsLeader: boolean;
let applied: number;
let reads: Reads;

beforeEach(() => {
  asked = [];
  isLeader = false;
  knowsLeader = true;
  applied = 10;
  const raft = {
    readIndex: (context: number, proof: ReadProof) => {
      if (knowsLeader) asked.push({ context, proof });
      return knowsLeader;
    },
  } as unknown as Raft;
  const node = {
    get isLeader() {
      return isLeader;
    },
    replica: {
      get appliedIndex() {
        return applied;
      },
    },
  };
  const options = { limit: LIMIT, askAgainTicks: 4, patienceTicks: 50, firstContext: FIRST };
  reads = new Reads(options, { raft, node, flushSoon: () => undefined });
});

const many = (count: number, proof: ReadProof = 'round'): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => reads.linearize(proof)));

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'read',
    (error: { code: string }) => error.code,
  );

describe('reads of a follower', () => {
  it('of one turn are one question', async () => {
    const done = many(50);
    reads.flush();
    expect(asked).toEqual([{ context: FIRST + 1, proof: 'round' }]);
    reads.confirm([{ context: FIRST + 1, index: 10 as never }]);
    await done;
  });

  it('that come while a question is under way are the next one', async () => {
    const first = many(3);
    reads.flush();
    const next = many(30);
    reads.flush();
    void many(30).catch(() => undefined);
    reads.flush();
    expect(asked).toHaveLength(1);
    reads.confirm([{ context: FIRST + 1, index: 10 as never }]);
    await first;
    reads.flush();
    expect(asked).toHaveLength(2);
    reads.confirm([{ context: FIRST + 2, index: 10 as never }]);
    await next;
  });

  it('are asked again when no answer comes, and either answer counts', async () => {
    const done = many(2);
    reads.flush();
    for (let tick = 0; tick < 8; tick++) reads.tick();
    expect(asked.map(({ context }) => context)).toEqual([FIRST + 1, FIRST + 2, FIRST + 3]);
    reads.confirm([{ context: FIRST + 2, index: 10 as never }]);
    await done;
    for (let tick = 0; tick < 8; tick++) reads.tick();
    expect(asked).toHaveLength(3);
  });

  it('are refused at last, never forgotten', async () => {
    const done = codeOf(many(1));
    reads.flush();
    for (let tick = 0; tick < 50; tick++) reads.tick();
    expect(await done).toBe('NoLeader');
  });

  it('are refused at once where no leader is known', async () => {
    knowsLeader = false;
    const done = codeOf(many(1));
    reads.flush();
    expect(await done).toBe('NoLeader');
  });

  it('that trust a lease and those that do not are asked apart', () => {
    for (const proof of ['round', 'lease', 'round', 'lease'] as const) void reads.linearize(proof);
    reads.flush();
    expect(asked.map(({ proof }) => proof)).toEqual(['round', 'lease']);
  });

  it('are not answered by what an earlier life of the server asked', async () => {
    const done = codeOf(many(1));
    reads.flush();
    reads.confirm([{ context: 1, index: 3 as never }]);
    reads.close({ code: 'still waiting' } as never);
    expect(await done).toBe('still waiting');
  });
});

describe('reads of a leader', () => {
  it('go to the core at once, which knows what round they share', () => {
    isLeader = true;
    for (let turn = 0; turn < 3; turn++) {
      void many(10);
      reads.flush();
    }
    for (let tick = 0; tick < 8; tick++) reads.tick();
    expect(asked).toHaveLength(3);
  });
});

describe('a confirmed read', () => {
  it('waits until its index is applied', async () => {
    let isDone = false;
    const done = reads.linearize('round').then(() => (isDone = true));
    reads.flush();
    reads.confirm([{ context: FIRST + 1, index: 12 as never }]);
    await new Promise((resolve) => setImmediate(resolve));
    applied = 11;
    reads.advance(11);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    applied = 12;
    reads.advance(12);
    await done;
  });
});

describe('the number of reads that wait', () => {
  it('has a limit, and room comes back however they end', async () => {
    for (let round = 0; round < 3; round++) {
      const waiting = codeOf(many(LIMIT));
      expect(await codeOf(reads.linearize('round'))).toBe('Overloaded');
      reads.flush();
      reads.abandon();
      expect(await waiting).toBe('NotLeader');
    }
  });

  it('is none when the node is closed', async () => {
    reads.close({ code: 'Unavailable' } as never);
    expect(await codeOf(reads.linearize('round'))).toBe('Unavailable');
    expect(await codeOf(reads.waitApplied(99))).toBe('Unavailable');
  });
});
