/**
 * Arguments by position beside the same as MessagePack: bytes, and how long writing them takes the client, and reading and
 * checking them the server. Both sides are what the generator emitted for machines of this repository.
 *
 *     npx tsx bench/positional.ts
 */
import { fileURLToPath } from 'node:url';
import type { ArgumentsEncoder, OperationTable } from '@decoraft/protocol';
import { readArguments } from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { operationsOf, type StateMachine } from '@decoraft/state-machine';
import type { Cluster } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { MemberRegistryClient } from '../packages/membership/src/registry/generated/member-registry.client.js';
import '../packages/membership/src/registry/generated/operations.js';
import { MemberRegistry } from '../packages/membership/src/registry/member-registry.machine.js';
import { medianOf } from './quantiles.js';
import { rounded } from './rounded.js';

export interface PositionalBenchRow {
  readonly what: string;
  readonly bytes: number;
  readonly msgpackBytes: number;
  /** Of one call: by position, and as MessagePack. */
  readonly encodeUs: number;
  readonly msgpackEncodeUs: number;
  readonly decodeUs: number;
  readonly msgpackDecodeUs: number;
  /** How many times as long, or as large, MessagePack is. */
  readonly encodeGain: number;
  readonly decodeGain: number;
  readonly bytesGain: number;
}

export interface PositionalBenchOptions {
  readonly rounds?: number;
  /** How long each of the four is measured in a round. */
  readonly roundMs?: number;
}

const RECORDS = 1_000;

/** What a generated client gives to its cluster. */
interface Sent {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly encode?: ArgumentsEncoder;
}

export function benchPositional({
  rounds = 7,
  roundMs = 100,
}: PositionalBenchOptions = {}): readonly PositionalBenchRow[] {
  const keyValue = new KeyValue();
  const registry = new MemberRegistry();
  const set = sentBy((cluster) => new KeyValueClient(cluster, 'users').set('user:17', 'Ada Lovelace'));
  const request = {
    id: 'worker-17',
    address: '10.0.3.17:2100',
    metadata: { region: 'eu-west', version: '4.12.0', zone: 'b' },
    groups: ['search', 'thumbnails'],
    timeoutMs: 15_000,
  };
  const join = sentBy((cluster) => new MemberRegistryClient(cluster, 'members').join(request));
  const silent = Array.from({ length: RECORDS }, (_, at) => ({
    onlineVersion: 100_000 + at,
    lastSeenMs: 1_795_000_000_000 + at * 37,
    id: `worker-${at}`,
    incarnation: 1 + (at % 5),
  }));
  const mark = sentBy((cluster) => new MemberRegistryClient(cluster, 'members').markOffline(17, silent));
  const how = { rounds, roundMs };
  return [
    measure('set(key, value)', keyValue, set, how),
    measure('join(request): an object of five properties', registry, join, how),
    measure(`markOffline(term, silent): ${RECORDS.toLocaleString('en-US')} records`, registry, mark, how),
  ];
}

/** Calls a generated client, to see what it does with its arguments. */
function sentBy(call: (cluster: Cluster) => unknown): Sent {
  let sent: Sent | undefined;
  const command = (given: Sent): Promise<void> => {
    sent = given;
    return Promise.resolve();
  };
  // A client asks no more of its cluster for a command.
  call({ command } as unknown as Cluster);
  if (!sent) throw new Error('the client called nothing');
  return sent;
}

function measure(
  what: string,
  machine: StateMachine,
  { args, encode, name }: Sent,
  { roundMs, rounds }: Required<PositionalBenchOptions>,
): PositionalBenchRow {
  const read = readerOf(machine, operationsOf(machine), name);
  const bytes = encode?.(args);
  if (!bytes) throw new Error(`${name} does not travel by position`);
  const msgpack = encodeValue(args).slice();
  const contenders = [
    () => encode?.(args),
    () => encodeValue(args),
    () => read(bytes),
    () => read(msgpack),
  ] as const;
  // The first round is for the engine to learn what it compiles.
  const measured = Array.from({ length: rounds + 1 }, () =>
    contenders.map((run) => microsecondsOf(run, roundMs)),
  ).slice(1);
  const ofContender = (at: number): number => medianOf(measured, (round) => round[at] ?? 0)[at] ?? 0;
  const [encodeUs, msgpackEncodeUs] = [ofContender(0), ofContender(1)];
  const [decodeUs, msgpackDecodeUs] = [ofContender(2), ofContender(3)];
  return {
    what,
    bytes: bytes.length,
    msgpackBytes: msgpack.length,
    encodeUs,
    msgpackEncodeUs,
    decodeUs,
    msgpackDecodeUs,
    encodeGain: msgpackEncodeUs / encodeUs,
    decodeGain: msgpackDecodeUs / decodeUs,
    bytesGain: msgpack.length / bytes.length,
  };
}

/** As a server reads and checks the arguments of a call, whichever way they came. */
function readerOf(machine: StateMachine, table: OperationTable, name: string) {
  const operation = table.operations.find((each) => each.name === name);
  if (!operation) throw new Error(`no operation ${name}`);
  const called = { owner: machine.constructor, operation, types: table.types, where: `bench.${name}` };
  return (bytes: Uint8Array): readonly unknown[] => readArguments(called, bytes, decodeValue);
}

/** How long one takes, of as many as there is time for. */
function microsecondsOf(run: () => unknown, roundMs: number): number {
  let count = 0;
  let batch = 1;
  const start = performance.now();
  for (;;) {
    for (let at = 0; at < batch; at++) run();
    count += batch;
    const passed = performance.now() - start;
    if (passed >= roundMs) return (passed * 1_000) / count;
    // The clock is to be asked too seldom to matter.
    if (passed < roundMs / 10) batch *= 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(benchPositional().map(rounded));
