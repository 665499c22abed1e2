import { test } from 'node:test';
import { keyValueModel, linearizable, simulate } from 'decoraft/testing';
import { KeyValueClient } from './generated/key-value.client.js';
import './generated/operations.js';
import { KeyValue } from './key-value.machine.js';

/** Seeds decide what breaks and when: the same seed gives the same run, on every machine. */
const SEEDS = [1, 2, 3];

for (const seed of SEEDS) {
  void test(`every answer is right, whatever breaks, with seed ${seed}`, async () => {
    await simulate({
      seed,
      machines: { store: () => new KeyValue() },
      checks: [linearizable(keyValueModel())],
      workload: async ({ client, name, random, record, round }) => {
        const store = new KeyValueClient(client, 'store').with({ consistency: 'linearizable' });
        const key = `key-${Math.floor(random() * 3)}`;
        const value = `${name}, round ${round}`;
        if (random() < 0.5) await record({ kind: 'set', key, value }, () => store.set(key, value));
        else await record({ kind: 'get', key }, () => store.get(key));
      },
    });
  });
}
