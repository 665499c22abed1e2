import { describe, expect, test } from 'vitest';
import { nodeId } from '../src/index.js';
import { bytes, Cluster } from './support/cluster.js';
import { configurationFrom } from './support/configuration-words.js';

describe('what a server tells about itself', () => {
  test('on a leader has every member, with what is under way to it', () => {
    const configuration = configurationFrom('a b c learners d');
    const cluster = new Cluster(['a', 'b', 'c', 'd'], { configuration, maxInflightMessages: 2 });
    const leader = cluster.elect('a');
    for (const text of ['12', '345', '6']) {
      leader.raft.propose([bytes(text)]);
      cluster.settle(['c', 'd']);
    }
    const { progress, ...rest } = leader.status;
    expect(rest).toMatchObject({
      id: 'a',
      role: 'leader',
      leadTransferee: '',
      firstIndex: 1,
      lastIndex: 4,
      commit: 4,
    });
    const idle = { state: 'replicate', inflightMessages: 0, inflightBytes: 0, pendingSnapshot: 0 };
    const full = { ...idle, inflightMessages: 2, inflightBytes: 5, match: 1, next: 4, isPaused: true };
    expect(progress).toMatchObject([
      { id: 'a', match: 4, isLearner: false, recentlyActive: true },
      { ...idle, id: 'b', match: 4, next: 5, isLearner: false, isPaused: false, recentlyActive: true },
      { ...full, id: 'c', isLearner: false },
      { ...full, id: 'd', isLearner: true },
    ]);
  });

  test('on a leader counts itself as heard of, also when the quorum has just been checked', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { electionTicks: 3 });
    const leader = cluster.elect('a');
    for (let tick = 0; tick < 3; tick++) leader.raft.tick();
    const heardOf = leader.status.progress.filter(({ recentlyActive }) => recentlyActive);
    expect(heardOf.map(({ id }) => id)).toEqual(['a']);
  });

  test('on others has no progress', () => {
    const cluster = new Cluster(['a', 'b']);
    cluster.elect('a');
    expect(cluster.server('b').status).toMatchObject({ id: nodeId('b'), leader: 'a', progress: [] });
  });
});
