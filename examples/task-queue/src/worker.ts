/** One worker, as a process: `node dist/worker.js NAME ADDRESSES_AS_JSON`. SIGTERM lets it finish what it has. */
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from '@decoraft/collections/client';
import { connect, DecoraftError } from 'decoraft/client';
import { ResultsClient } from './generated/results.client.js';
import { type Task, TASKS } from './task.js';

const [name = 'worker', addresses = '["127.0.0.1:2100"]'] = process.argv.slice(2);
const VISIBILITY_MS = 3_000;

// What it cannot say in time it may say under a new session: the queue knows by the receipt whether it is too late.
const cluster = await connect(JSON.parse(addresses) as string[], {
  connectTimeoutMs: 30_000,
  sessionTimeoutMs: 5_000,
  onSessionExpired: 'renew',
});
const tasks = new Queue<Task>(cluster, 'queues', TASKS);
const results = new ResultsClient(cluster, 'results').with({ timeoutMs: 30_000 });

const end = new AbortController();
process.once('SIGTERM', () => end.abort());
console.log(`${name} is ready`);

/** Asks what does no harm twice, under a new session where the last one has ended meanwhile. */
async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (DecoraftError.from(error).code !== 'SessionExpired') throw error;
    }
  }
}

await tasks.consume(
  async ({ item: { number, workMs }, receipt }) => {
    await ask(() => results.begin(number, receipt));
    console.log(`${name} begins task ${number}`);
    await pause(workMs);
    const isTaken = await ask(() => results.finish(number, receipt, name));
    console.log(`${name} ${isTaken ? 'has done' : 'comes too late with'} task ${number}`);
  },
  {
    signal: end.signal,
    visibilityMs: VISIBILITY_MS,
    onFailed: (error, { item }) =>
      console.log(`${name} hears of task ${(item as Task).number}: ${String(error)}`),
  },
);
await cluster.close();
