/**
 * One event a command to 1,000 subscribers of one key, each with a connection and a session of its own, all of them in
 * one process; beside what bare `ws` does with as many connections and the same bytes, in the same run. Then commands
 * one by one, with and without one more subscriber whose process stands still.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encodeEventBody, encodeEventRecords, type SubscriptionId } from '@decoraft/protocol';
import { encodeValue } from '@decoraft/rpc';
import { connect } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { until } from '../examples/key-value/src/node-process.js';
import { RawPublisher } from './fan-out-raw-publisher.js';
import { leaderOf, program, RUNS_TYPESCRIPT, withNodes } from './processes.js';
import { quantile } from './quantiles.js';
import { rounded } from './rounded.js';

const SUBSCRIBERS = Number(process.env['FAN_OUT_SUBSCRIBERS'] ?? 1_000);
const COMMANDS = Number(process.env['FAN_OUT_COMMANDS'] ?? 200);
const ROUNDS = Number(process.env['FAN_OUT_ROUNDS'] ?? 3);
/** Commands under way at once, while deliveries are counted: with several, events for one connection leave together. */
const LEVELS = [1, 8] as const;
const VALUE = 'x'.repeat(64);
const FRAME_BYTES = 9;
/** What waits for the subscriber that stands still: more than all buffers on the way to it hold. */
const FLOOD = { commands: 2_000, value: 'y'.repeat(4_096) } as const;

export interface FanOutRow {
  readonly what: string;
  readonly subscribers: number;
  readonly inFlight: number;
  readonly deliveriesPerSecond: number;
  /** Against bare `ws` in the same round. */
  readonly ratio: number;
  /** Processor time of the process that sends: what does not depend on who else uses the machine. */
  readonly cpuMicrosecondsPerDelivery: number;
}

export interface CommandRow {
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface FanOutResult {
  readonly deliveries: readonly FanOutRow[];
  readonly commands: readonly CommandRow[];
}

export function benchFanOut(): Promise<FanOutResult> {
  const signal = process.env['FAN_OUT_PROFILE'] ? 'SIGTERM' : 'SIGKILL';
  return withNodes({ flags: (id) => profiled(`node-${id}`), signal }, (addresses) =>
    measure(addresses, signal),
  );
}

async function measure(addresses: readonly string[], signal: NodeJS.Signals): Promise<FanOutResult> {
  const children: ChildProcess[] = [];
  try {
    await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
    const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 60_000 });
    await users.set('ready', '1');
    const leader = await leaderOf(addresses);
    await using onLeader = await connect([leader]);
    const raw = await start(children, 'fan-out-raw', []);
    const { port } = await raw.next<{ port: number }>();
    const rawPublisher = await RawPublisher.connect(`ws://127.0.0.1:${port}`, messageBytes());
    const own = await start(children, 'fan-out-subscribers', ['decoraft', leader, `${SUBSCRIBERS}`]);
    const bare = await start(children, 'fan-out-subscribers', ['ws', `127.0.0.1:${port}`, `${SUBSCRIBERS}`]);
    await Promise.all([own.next(), bare.next()]);

    const rounds: Round[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const inFlight of LEVELS) {
        const measured = {
          inFlight,
          bare: await deliveries(bare, inFlight, {
            publish: () => rawPublisher.publish(),
            cpuMicroseconds: () => rawPublisher.cpuMicroseconds(),
          }),
          own: await deliveries(own, inFlight, {
            publish: async () => void (await users.set('hot', VALUE)),
            cpuMicroseconds: async () => (await onLeader.service('bench').call('cpuMicroseconds')) as number,
          }),
        };
        // The first one is a warm-up.
        if (round > 0) rounds.push(measured);
      }
    }
    const commands = [await commandTimes('no subscriber stopped', users)];
    const stopped = await start(children, 'fan-out-subscribers', ['decoraft', leader, '1', 'flood']);
    await stopped.next();
    stopped.child.kill('SIGSTOP');
    for (let sent = 0; sent < FLOOD.commands; sent += 50) {
      await Promise.all(Array.from({ length: 50 }, () => users.set('flood', FLOOD.value)));
    }
    commands.push(await commandTimes('one stopped dead', users));
    stopped.child.kill('SIGKILL');
    commands.push(await commandTimes('none again', users));
    commands.push(await commandTimes('none, once more', users));
    rawPublisher.close();
    return { deliveries: rowsOf(rounds), commands };
  } finally {
    for (const child of children) child.kill(signal);
  }
}

/** What a process is started with so that it leaves a CPU profile, where one is asked for. */
function profiled(name: string): readonly string[] {
  const directory = process.env['FAN_OUT_PROFILE'];
  if (!directory) return [];
  const onSignal = 'data:text/javascript,process.on("SIGTERM",()=>process.exit())';
  return ['--cpu-prof', `--cpu-prof-dir=${directory}/${name}`, '--import', onSignal];
}

/** As many bytes as one message to one subscriber has. */
function messageBytes(): number {
  const body = encodeEventBody({ index: 1, ordinal: 1 }, encodeValue(VALUE));
  const record = { kind: 'event', subscription: 1 as SubscriptionId, body } as const;
  return encodeEventRecords([record]).length + FRAME_BYTES;
}

interface Sender {
  readonly publish: () => Promise<void>;
  readonly cpuMicroseconds: () => Promise<number>;
}

interface Deliveries {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** Deliveries from the first command to the last arrival. */
async function deliveries(to: Child, inFlight: number, sender: Sender): Promise<Deliveries> {
  const count = COMMANDS * SUBSCRIBERS;
  to.child.send({ expect: count });
  const cpuBefore = await sender.cpuMicroseconds();
  const startMs = performance.now();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun++ < COMMANDS) await sender.publish();
  };
  await Promise.all([...Array.from({ length: inFlight }, lane), to.next()]);
  const perSecond = (count * 1_000) / (performance.now() - startMs);
  return { perSecond, cpuMicroseconds: ((await sender.cpuMicroseconds()) - cpuBefore) / count };
}

async function commandTimes(what: string, users: KeyValueClient): Promise<CommandRow> {
  const latenciesMs: number[] = [];
  for (let number = 0; number < COMMANDS; number++) {
    const startMs = performance.now();
    await users.set('hot', VALUE);
    latenciesMs.push(performance.now() - startMs);
  }
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return { what, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

interface Round {
  readonly inFlight: number;
  readonly own: Deliveries;
  readonly bare: Deliveries;
}

function rowsOf(rounds: readonly Round[]): readonly FanOutRow[] {
  return rounds.flatMap(({ bare, inFlight, own }) =>
    [
      { what: 'bare ws', measured: bare },
      { what: 'decoraft', measured: own },
    ].map(({ measured, what }) => ({
      what,
      subscribers: SUBSCRIBERS,
      inFlight,
      deliveriesPerSecond: measured.perSecond,
      ratio: measured.perSecond / bare.perSecond,
      cpuMicrosecondsPerDelivery: measured.cpuMicroseconds,
    })),
  );
}

interface Child {
  readonly child: ChildProcess;
  /** What it says next. */
  next<Message>(): Promise<Message>;
}

async function start(children: ChildProcess[], name: string, args: readonly string[]): Promise<Child> {
  const child = fork(program(name), args, {
    execArgv: [...RUNS_TYPESCRIPT, ...profiled(`${name}-${args[0] ?? ''}`)],
  });
  children.push(child);
  const said: unknown[] = [];
  child.on('message', (message) => void said.push(message));
  return {
    child,
    next: async <Message>() =>
      (await until(`${name} says something`, () => said.length > 0, 300_000), said.shift()) as Message,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { commands, deliveries: rows } = await benchFanOut();
  console.table(rows.map(rounded));
  console.table(commands.map(rounded));
}
