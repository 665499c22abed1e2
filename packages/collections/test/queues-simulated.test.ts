import { type Operation, simulate, type WorkloadContext } from 'decoraft/testing';
import { expect, it, vi } from 'vitest';
import { Queue, StaleReceipt } from '../src/client.js';
import { Queues } from '../src/index.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

/** A call of the history: an item by its name, or what was delivered. */
interface Called {
  readonly kind: 'enqueue' | 'acknowledge';
  readonly item: string;
}

async function useQueue({ client, name, random, record, round, sleep }: WorkloadContext): Promise<void> {
  const queue = new Queue<string>(client, 'queues', 'tasks');
  if (random() < 0.5) {
    const item = `${name}-${round}`;
    const options = { deduplicationId: item, delayMs: random() < 0.3 ? Math.ceil(random() * 500) : 0 };
    await record({ kind: 'enqueue', item }, () => queue.enqueue(item, options));
    return;
  }
  const waitMs = random() < 0.3 ? 0 : Math.ceil(random() * 2_000);
  const deliveries = await queue.receive({ max: 3, visibilityMs: 100 + random() * 2_000, waitMs });
  for (const delivery of deliveries) {
    await sleep(random() * 300);
    const { item } = delivery;
    // Is forgotten: it has to come to somebody else by itself.
    if (random() < 0.15) continue;
    if (random() < 0.2) await unlessStale(delivery.reject({ delayMs: random() < 0.5 ? 0 : 100 }));
    else await record({ kind: 'acknowledge', item }, () => unlessStale(delivery.acknowledge()));
  }
}

/** Takes out all that is left, and waits for what others have. */
async function empty({ client, record }: WorkloadContext): Promise<void> {
  await client.renewSession();
  const queue = new Queue<string>(client, 'queues', 'tasks');
  for (;;) {
    const deliveries = await queue.receive({ max: 100, visibilityMs: 60_000, waitMs: 6_000 });
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) {
      await record({ kind: 'acknowledge', item: delivery.item }, () => unlessStale(delivery.acknowledge()));
    }
  }
}

/** Whether it was done: not where the item may be somebody else's by now. */
async function unlessStale(saying: Promise<void>): Promise<boolean> {
  try {
    await saying;
    return true;
  } catch (error) {
    if (error instanceof StaleReceipt) return false;
    throw error;
  }
}

/** No item that was taken in is lost, and none was acknowledged twice. @returns How many were acknowledged. */
function nothingLost(history: readonly Operation[]): number {
  const calls = history.map(({ input, outcome }) => ({
    ...(input as Called),
    is: outcome.kind === 'returned' && outcome.output === false ? 'stale' : outcome.kind,
  }));
  const of = (kind: Called['kind'], ...outcomes: readonly string[]): string[] =>
    calls.filter((call) => call.kind === kind && outcomes.includes(call.is)).map(({ item }) => item);
  const acknowledged = of('acknowledge', 'returned');
  if (new Set(acknowledged).size !== acknowledged.length) throw new Error('an item was acknowledged twice');
  const perhaps = new Set(of('acknowledge', 'returned', 'unknown'));
  const lost = of('enqueue', 'returned').filter((item) => !perhaps.has(item));
  if (lost.length > 0) throw new Error(`lost: ${lost.join(', ')}`);
  const attempted = new Set(of('enqueue', 'returned', 'unknown'));
  const strangers = acknowledged.filter((item) => !attempted.has(item));
  if (strangers.length > 0) throw new Error(`nobody put in: ${strangers.join(', ')}`);
  return acknowledged.length;
}

it('a queue loses no item, and lets none be acknowledged twice, whatever goes wrong', async () => {
  let count = 0;
  for (let seed = 1; seed <= 3; seed++) {
    await simulate({
      seed,
      machines: { queues: () => new Queues() },
      workload: useQueue,
      lastRound: empty,
      checks: [() => ({ ended: (history) => void (count += nothingLost(history)) })],
      clients: 4,
      durationMs: 15_000,
      faultEveryMs: 400,
      settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
    });
  }
  expect(count).toBeGreaterThan(50);
});

it('a loop over a queue handles every item, and what its handler throws at again', async () => {
  const handled = new Map<string, number>();
  let enqueued = 0;
  await simulate({
    seed: 7,
    machines: { queues: () => new Queues() },
    workload: async ({ client, name, round, sleep }) => {
      const queue = new Queue<string>(client, 'queues', 'tasks');
      if (name === 'client-1') {
        await queue.enqueue(`${round}`);
        enqueued += 1;
        return;
      }
      const end = new AbortController();
      const consuming = queue.consume(
        async ({ item }) => {
          await sleep(20);
          handled.set(item, (handled.get(item) ?? 0) + 1);
          if (handled.get(item) === 1 && Number(item) % 5 === 0) throw new Error('not the first time');
        },
        { concurrency: 3, signal: end.signal, visibilityMs: 1_000 },
      );
      await sleep(3_000);
      end.abort();
      await consuming;
    },
    lastRound: async ({ client, name, sleep }) => {
      if (name !== 'client-1') return;
      await sleep(5_000);
      const queue = new Queue<string>(client, 'queues', 'tasks');
      const end = new AbortController();
      const consuming = queue.consume(({ item }) => void handled.set(item, (handled.get(item) ?? 0) + 1), {
        signal: end.signal,
      });
      for (;;) {
        const { delayed, delivered, ready } = await queue.count();
        if (delayed + delivered + ready === 0) break;
        await sleep(100);
      }
      end.abort();
      await consuming;
    },
    clients: 3,
    durationMs: 10_000,
    thinkMs: 50,
    faultEveryMs: 1_000,
  });
  expect(enqueued).toBeGreaterThan(20);
  expect(handled.size).toBeGreaterThanOrEqual(enqueued);
  const again = [...handled].filter(([item]) => Number(item) % 5 === 0).map(([, times]) => times);
  expect(Math.max(...again)).toBeGreaterThan(1);
});
