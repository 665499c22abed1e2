/**
 * Three nodes in one process, with so many groups each that have nothing to do: what they cost. Prints one row as JSON.
 * The rest of the process, and what the groups of a node share, is measured with one group before.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLogger, systemClock, systemRandom } from '@decoraft/base';
import { decodeMessage, SERVER_BEATS } from '@decoraft/host';
import { GROUP_METHOD } from '@decoraft/protocol';
import { type Dialer, type Frame, methodId, readFrames, serviceId, webSocketDialer } from '@decoraft/rpc';
import { assembleNode, type DecoraftNode, durableStorage } from 'decoraft/server';
import { Counter } from '../examples/counter/src/counter.machine.js';
import '../examples/counter/src/generated/operations.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

/** One number of groups, at rest or not. */
export interface GroupsRow {
  readonly groups: number;
  readonly resting: boolean;
  /** Between two servers, both ways: messages with heartbeats or answers to them, or with what rests. */
  readonly beatsPerSecond: number;
  /** Terms that began meanwhile, as all servers count them: where three nodes are too much for the machine. */
  readonly elections: number;
  /** Of one core, for each node. */
  readonly cpuPercent: number;
  /** Of memory that one group more takes on one node; 0 for the first. */
  readonly kibibytesPerGroup: number;
}

process.env['NODE_ENV'] ??= 'production';
const [count = '1', resting = ''] = process.argv.slice(2);
const settings = { quiesceIdleGroups: resting === 'resting' };
const MEASURED_MS = 10_000;
/** Files are made in full size. */
const SEGMENT_BYTES = 65_536;
const NODES = 3;
const PAIRS = 3;
const BEATS = serviceId(SERVER_BEATS);
const STEP = methodId(GROUP_METHOD.step);
let beats = 0;

const directory = await mkdtemp(join(tmpdir(), 'decoraft-groups-'));
const peers = await freePeers();
const nodes = await Promise.all(Object.keys(peers).map((id) => start(id)));
const all = () => nodes.flatMap((node) => [...node.groups.values()]);
try {
  await settle(1);
  const before = await memoryBytes();
  const names = Array.from({ length: Number(count) - 1 }, (_, at) => `group-${at + 1}`);
  for (const name of names) {
    await Promise.all(nodes.map((node) => node.startGroup(name, { machines: { counter: new Counter() } })));
  }
  await settle(Number(count));
  const grewBytes = (await memoryBytes()) - before;
  beats = 0;
  const terms = sumOfTerms();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  await pause(MEASURED_MS);
  const { system, user } = process.cpuUsage(cpu);
  const seconds = (performance.now() - beganMs) / 1_000;
  const row: GroupsRow = {
    groups: Number(count),
    resting: settings.quiesceIdleGroups,
    beatsPerSecond: beats / seconds / PAIRS,
    elections: sumOfTerms() - terms,
    cpuPercent: (user + system) / 1e4 / seconds / NODES,
    kibibytesPerGroup: names.length === 0 ? 0 : grewBytes / 1024 / names.length / NODES,
  };
  console.log(JSON.stringify(row));
} finally {
  await Promise.all(nodes.map((node) => node.close()));
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);

function start(id: string): Promise<DecoraftNode> {
  return assembleNode(
    { id, peers, machines: { counter: new Counter() }, settings, onFatal: console.error },
    {
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      storage: (group) => durableStorage(join(directory, id, group), { segmentBytes: SEGMENT_BYTES }),
      soon: (callback) => void setImmediate(callback),
      dialer: counting(webSocketDialer()),
    },
  );
}

/** All groups have a leader, and have come to rest where they may; what a start leaves behind is over. */
async function settle(groups: number): Promise<void> {
  await until(
    'all are led',
    () => all().length === groups * NODES && all().every(({ leader }) => leader),
    120_000,
  );
  if (settings.quiesceIdleGroups)
    await until('all rest', () => all().every(({ isQuiet }) => isQuiet), 120_000);
  await pause(3_000);
}

async function memoryBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await pause(100);
  }
  return process.memoryUsage().rss;
}

function counting(dialer: Dialer): Dialer {
  return {
    dial: async (address, events, options) => {
      const connection = await dialer.dial(address, events, options);
      let isGreeted = false;
      const send = connection.send.bind(connection);
      connection.send = (message) => {
        if (isGreeted) countBeats(message);
        isGreeted = true;
        send(message);
      };
      return connection;
    },
  };
}

function countBeats(message: Uint8Array): void {
  readFrames(message, (frame) => {
    if (isBeat(frame)) beats++;
    return true;
  });
}

function isBeat(frame: Frame): boolean {
  if (frame.kind !== 'send') return false;
  if (frame.service === BEATS) return true;
  return frame.method === STEP && decodeMessage(frame.payload).message.kind.startsWith('heartbeat');
}

function sumOfTerms(): number {
  return all().reduce((sum, { term }) => sum + term, 0);
}
