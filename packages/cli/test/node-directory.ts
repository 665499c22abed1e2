import { silentLogger, systemClock, systemRandom } from '@decoraft/base';
import { connect } from '@decoraft/client';
import { assembleNode, type DecoraftNode, durableStorage } from '@decoraft/server';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LedgerClient } from '../src/proof/ledger-client.js';
import { PROOF } from '../src/proof/proof.js';

export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return `127.0.0.1:${port}`;
}

export interface NodeToStart {
  readonly id: string;
  readonly dataDir: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly join?: readonly string[];
  readonly segmentBytes?: number;
}

/** A real node with the ledger, in this process, until the test is over. */
export async function startLedgerNode(node: NodeToStart): Promise<DecoraftNode> {
  const started = await run(node);
  onTestFinished(() => started.close().catch(() => undefined));
  return started;
}

async function run(node: NodeToStart): Promise<DecoraftNode> {
  const { dataDir, id, join: seeds, peers, segmentBytes = 16_384 } = node;
  const machines = Object.fromEntries(
    Object.entries(PROOF.machines).map(([name, create]) => [name, create()]),
  );
  return assembleNode(
    {
      id,
      peers,
      machines,
      settings: { snapshotTailEntries: 5 },
      onFatal: () => undefined,
      ...(seeds && { join: seeds }),
    },
    {
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      storage: () => durableStorage(dataDir, { segmentBytes }),
      soon: (callback) => void setImmediate(callback),
    },
  );
}

/** Sets `key-FROM` up to `key-TO`, both included, each to a text of some hundred bytes. */
export async function fill(addresses: readonly string[], from: number, to: number): Promise<void> {
  const client = await connect(addresses, { connectTimeoutMs: 20_000 });
  const ledger = LedgerClient.of(client);
  for (let at = from; at <= to; at++) await ledger.set(`o${at}`, `key-${at}`, textOf(at));
  await client.close();
}

export const textOf = (at: number): string => `${at}-`.repeat(100);

/** The directory of a node of its own that ran and stopped: two snapshots, and several segments. */
export async function stoppedNode(directory: string): Promise<void> {
  const address = await freeAddress();
  const node = await run({ id: 'a', dataDir: directory, peers: { a: address } });
  await fill([address], 1, 40);
  await node.raft.takeSnapshot();
  await fill([address], 41, 80);
  await node.raft.takeSnapshot();
  await fill([address], 81, 160);
  await node.close();
}

/** Every file with its bytes and the time of its last change: equal before and after what only looks. */
export function stateOf(directory: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(directory)
      .toSorted()
      .map((name) => {
        const path = join(directory, name);
        const { ino, mode, mtimeNs, size } = statSync(path, { bigint: true });
        return [name, `${ino} ${mode} ${mtimeNs} ${size} ${readFileSync(path).toString('base64')}`];
      }),
  );
}
