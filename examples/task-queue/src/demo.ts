/**
 * Three nodes and four workers. The leader is killed, a worker is killed with a task in its hands, and another one stands
 * still until its task is somebody else's: every task must be done, and what comes too late be refused.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from '@decoraft/collections/client';
import { type Cluster, connect } from 'decoraft/client';
import { ResultsClient } from './generated/results.client.js';
import { freePeers, Program, until } from './program.js';
import { type Task, TASKS } from './task.js';

const COUNT = 300;
/** Tasks that take long: one worker dies with the first, another one is paused with the second. */
const LONG = [COUNT + 1, COUNT + 2] as const;
const LONG_MS = 1_500;

const directory = await mkdtemp(join(tmpdir(), 'decoraft-task-queue-'));
const peers = await freePeers();
const addresses = Object.values(peers);
const nodes = Object.keys(peers).map(
  (id) => new Program('node.js', id, join(directory, id), JSON.stringify(peers)),
);
const workers = ['Ada', 'Bob', 'Cyd', 'Dan'].map(
  (name) => new Program('worker.js', name, JSON.stringify(addresses)),
);

try {
  await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
  await tellTheStory(cluster);
} catch (error) {
  for (const program of [...nodes, ...workers]) {
    console.error(`--- output of ${program.name}\n${program.output}`);
  }
  throw error;
} finally {
  for (const worker of workers) worker.signal('SIGCONT');
  await Promise.all([...nodes, ...workers].map((program) => program.kill()));
  await rm(directory, { recursive: true, force: true });
}

async function tellTheStory(cluster: Cluster): Promise<void> {
  const tasks = new Queue<Task>(cluster, 'queues', TASKS, { timeoutMs: 30_000 });
  const results = new ResultsClient(cluster, 'results').with({
    consistency: 'linearizable',
    timeoutMs: 30_000,
  });
  const enqueue = async (number: number, workMs: number): Promise<void> => {
    // Asked again after whatever went wrong, it is in the queue once.
    await tasks.enqueue({ number, workMs }, { deduplicationId: `task ${number}` });
  };
  await until('all workers are ready', () => workers.every(({ output }) => output.includes('is ready')));
  console.log(`three nodes and ${workers.length} workers run, data in ${directory}`);

  const producing = (async () => {
    for (let number = 1; number <= COUNT; number++) await enqueue(number, 10);
  })();
  await until('a third of the tasks is done', async () => (await results.count()) >= COUNT / 3);
  const leader = await until('a leader is known', async () => {
    const info = await cluster.info();
    return nodes.find(({ name }) => name === info.leader);
  });
  await leader.kill();
  console.log(`leader killed: ${leader.name}`);
  await producing;
  console.log(`all ${COUNT} tasks are in the queue`);

  const [dying, pausing] = LONG;
  await enqueue(dying, LONG_MS);
  const dead = await workerOf(dying);
  await dead.kill();
  console.log(`worker killed with task ${dying}: ${dead.name}`);

  await enqueue(pausing, LONG_MS);
  const zombie = await workerOf(pausing);
  zombie.signal('SIGSTOP');
  console.log(`worker paused with task ${pausing}: ${zombie.name}`);

  await until('every task is done', async () => (await results.count()) === COUNT + LONG.length);
  for (const [task, lost] of [
    [dying, dead],
    [pausing, zombie],
  ] as const) {
    const { worker = 'nobody' } = (await results.resultOf(task)) ?? {};
    assert(worker !== lost.name, `${worker} has done task ${task}`);
    console.log(`task ${task} was done by ${worker}`);
  }

  zombie.signal('SIGCONT');
  await until('the paused worker is refused', () =>
    zombie.output.includes(`${zombie.name} comes too late with task ${pausing}`),
  );
  console.log(`${zombie.name} woke up and was refused: its receipt is too old`);
  await until('the queue is empty', async () => {
    const { delayed, delivered, ready } = await tasks.count();
    return delayed + delivered + ready === 0;
  });
  console.log(
    `every task is done: ${await results.count()} of ${COUNT + LONG.length}, and the queue is empty`,
  );
  await Promise.all(workers.filter((worker) => worker !== dead).map((worker) => worker.kill('SIGTERM')));
}

/** Who has begun with a task. */
function workerOf(task: number): Promise<Program> {
  return until(`somebody has begun with task ${task}`, () =>
    workers.find(({ name, output }) => output.includes(`${name} begins task ${task}\n`)),
  );
}

function assert(condition: boolean, fact: string): void {
  if (!condition) throw new Error(`the demo failed: ${fact}`);
}
