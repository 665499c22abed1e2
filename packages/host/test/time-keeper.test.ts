import { createDeferred, type Deferred, silentLogger, VirtualClock } from '@decoraft/base';
import type { Proposal } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { LogClock } from '../src/log-clock.js';
import { TimeKeeper } from '../src/time-keeper.js';

class Node {
  isLeader = true;
  readonly replica = { timers: { nextDueMs: Infinity } };
  readonly proposed: { readonly proposal: Proposal; readonly applied: Deferred<void> }[] = [];

  proposeOwn(proposal: Proposal): Promise<void> {
    const applied = createDeferred<void>();
    this.proposed.push({ proposal, applied });
    return applied.promise;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

let clock: VirtualClock;
let node: Node;
let keeper: TimeKeeper;

beforeEach(() => {
  clock = new VirtualClock(1_000);
  node = new Node();
  keeper = new TimeKeeper(node, new LogClock(clock, () => 0), silentLogger);
});

describe('a leader', () => {
  it('makes an entry when a timer is due, and none before', () => {
    node.replica.timers.nextDueMs = 1_050;
    keeper.maybeAdvance();
    clock.advance(49);
    keeper.maybeAdvance();
    expect(node.proposed).toEqual([]);
    clock.advance(1);
    keeper.maybeAdvance();
    expect(node.proposed.map(({ proposal }) => proposal)).toEqual([{ kind: 'advance-time' }]);
  });

  it('makes none while no timer waits', () => {
    clock.advance(1e9);
    keeper.maybeAdvance();
    expect(node.proposed).toEqual([]);
  });

  it('has one under way at a time, and makes another when that was applied, or got lost', async () => {
    node.replica.timers.nextDueMs = 0;
    for (let tick = 0; tick < 5; tick++) keeper.maybeAdvance();
    expect(node.proposed.length).toBe(1);
    node.proposed[0]?.applied.resolve();
    await turn();
    keeper.maybeAdvance();
    expect(node.proposed.length).toBe(2);
    node.proposed[1]?.applied.reject(new Error('leadership was lost'));
    await turn();
    keeper.maybeAdvance();
    expect(node.proposed.length).toBe(3);
  });
});

it('whoever does not lead lets no time pass', () => {
  node.isLeader = false;
  node.replica.timers.nextDueMs = 0;
  keeper.maybeAdvance();
  expect(node.proposed).toEqual([]);
});
