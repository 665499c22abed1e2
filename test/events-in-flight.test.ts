import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import { ProcessCluster } from './support/process-cluster.js';

/** Commands, each with one event for every subscriber: the whole is a hundred times as many events. */
const COMMANDS = Number(process.env['EVENTS_IN_FLIGHT_COMMANDS'] ?? 1_000);
const SUBSCRIBERS = Number(process.env['EVENTS_IN_FLIGHT_SUBSCRIBERS'] ?? 100);
const LIMIT_MS = 60_000 + COMMANDS * SUBSCRIBERS;
const PROGRAM = fileURLToPath(new URL('support/subscribers.mjs', import.meta.url));

interface Report {
  readonly least: number;
  readonly most: number;
  readonly wrong: readonly unknown[];
  readonly ended: number;
}

let cluster: ProcessCluster;
let subscribers: ChildProcess;
const said: unknown[] = [];

beforeEach(async () => {
  cluster = await ProcessCluster.start();
});

afterEach(async () => {
  subscribers.kill('SIGKILL');
  await cluster.close();
});

const next = async <Message>(): Promise<Message> =>
  (await until('the subscribers answer', () => said.shift(), LIMIT_MS)) as Message;

async function report(): Promise<Report> {
  subscribers.send('report');
  return next<Report>();
}

it(
  `${COMMANDS * SUBSCRIBERS} events in flight to ${SUBSCRIBERS} subscribers when the leader is killed: none is lost, none comes twice, and all in order`,
  async () => {
    const users = await cluster.users(120_000);
    await users.set('ready', '1');
    subscribers = fork(PROGRAM, [JSON.stringify(cluster.addresses), `${SUBSCRIBERS}`, 'hot']);
    subscribers.on('message', (message) => void said.push(message));
    expect(await next()).toEqual({ ready: SUBSCRIBERS });

    // While nobody reads, all that is published is on its way: with the replicas, the leader, and the kernel.
    subscribers.kill('SIGSTOP');
    for (let begun = 0; begun < COMMANDS; begun += 200) {
      const count = Math.min(200, COMMANDS - begun);
      await Promise.all(Array.from({ length: count }, (_, at) => users.set('hot', `${begun + at}`)));
    }
    const first = await cluster.leader();
    await first.kill();
    subscribers.kill('SIGCONT');

    // The next one is killed as well, with a part of them delivered.
    await until('some have arrived', async () => (await report()).most > COMMANDS / 4, LIMIT_MS);
    first.start();
    await (await cluster.leader()).kill();
    const arrived = await until(
      'all have arrived',
      async () => {
        const now = await report();
        return now.least >= COMMANDS || now.wrong.length > 0 || now.ended > 0 ? now : undefined;
      },
      LIMIT_MS,
    );
    expect(arrived).toEqual({ least: COMMANDS, most: COMMANDS, wrong: [], ended: 0 });

    // And nothing that comes late comes twice.
    await users.set('hot', `${COMMANDS}`);
    await until('one more has arrived', async () => (await report()).least > COMMANDS, LIMIT_MS);
    expect(await report()).toEqual({ least: COMMANDS + 1, most: COMMANDS + 1, wrong: [], ended: 0 });
  },
  2 * LIMIT_MS,
);
