import type { DecoraftError } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import { ProcessCluster } from './support/process-cluster.js';

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.start();
});

afterEach(() => cluster.close());

describe('three processes', () => {
  it('go on within two seconds when the leader is killed', async () => {
    const users = await cluster.users();
    await users.set('before', '1');
    await (await cluster.leader()).kill();
    const startMs = performance.now();
    await users.set('after', '2');
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(await users.get('before')).toBe('1');
  });

  it('without a majority answer unknown or unavailable, and lose nothing that was acknowledged', async () => {
    const users = await cluster.users();
    const outcomes = new Map<string, string>();
    const write = async (key: string, timeoutMs: number): Promise<void> => {
      try {
        await users.with({ timeoutMs }).set(key, key);
        outcomes.set(key, 'acknowledged');
      } catch (error) {
        outcomes.set(key, (error as DecoraftError).code);
      }
    };
    for (let number = 0; number < 50; number++) await write(`all-${number}`, 30_000);
    await (await cluster.leader()).kill();
    for (let number = 0; number < 50; number++) await write(`two-${number}`, 30_000);
    await (await cluster.leader()).kill();
    await Promise.all(Array.from({ length: 20 }, (_, number) => write(`one-${number}`, 2_000)));

    const withoutMajority = [...outcomes].filter(([key]) => key.startsWith('one-'));
    expect(
      withoutMajority
        .map(([, outcome]) => outcome)
        .filter((outcome) => !/^(Indeterminate|Unavailable)$/.test(outcome)),
    ).toEqual([]);
    expect([...outcomes.values()].filter((outcome) => outcome === 'acknowledged')).toHaveLength(100);

    cluster.startAll();
    await users.set('together again', '1');
    const applied = new Map<string, boolean>();
    for (const key of outcomes.keys()) {
      applied.set(key, (await users.with({ consistency: 'linearizable' }).get(key)) === key);
    }
    const lost = [...outcomes].filter(([key, outcome]) => outcome === 'acknowledged' && !applied.get(key));
    const falselyFailed = [...outcomes].filter(
      ([key, outcome]) => outcome === 'Unavailable' && applied.get(key),
    );
    expect({ lost, falselyFailed }).toEqual({ lost: [], falselyFailed: [] });
  });

  it('bring a subscriber every event once and in order, whoever leads', async () => {
    const users = await cluster.users();
    const seen: string[] = [];
    const stop = await users.onInserted(({ key }) => seen.push(key));
    const keys = Array.from({ length: 300 }, (_, number) => `key-${number}`);
    for (const [number, key] of keys.entries()) {
      await users.set(key, 'x');
      if (number === 100) await (await cluster.leader()).kill();
    }
    await until('all events', () => seen.length >= keys.length);
    await stop();
    await users.set('unheard', 'x');
    expect(seen).toEqual(keys);
  });

  it('answer a client that knows only a follower', async () => {
    const leader = await cluster.leader();
    const follower = cluster.nodes.find((node) => node !== leader);
    const alone = await cluster.connect([follower?.address ?? '']);
    const { members } = await alone.info();
    expect(members.filter(({ role }) => role === 'leader').map(({ id }) => id)).toEqual([leader.id]);
    expect(
      await alone.command({ machine: 'users', operation: 2_594_095_023, name: 'set', args: ['k', 'v'] }),
    ).toBeUndefined();
    const users = await cluster.users();
    expect(await users.with({ consistency: 'linearizable' }).get('k')).toBe('v');
  });

  it('a paused leader loses its place, and its late answers change nothing', async () => {
    const users = await cluster.users();
    await users.set('k', '1');
    const paused = await cluster.leader();
    paused.signal('SIGSTOP');
    await users.set('k', '2');
    paused.signal('SIGCONT');
    await users.set('k', '3');
    expect(await users.with({ consistency: 'linearizable' }).get('k')).toBe('3');
  });
});
