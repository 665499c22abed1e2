import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stableHash } from '@decoraft/base';
import { defineOperations, type MachineAgreed, type MigrationFailed } from '@decoraft/state-machine';
import { cmd, StateMachine } from 'decoraft';
import { type Cluster, connect, MachineClient } from 'decoraft/client';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterEach, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

const TABLE = {
  format: 1,
  machine: 'Counter',
  operations: [
    { id: stableHash('add'), name: 'add', kind: 'cmd', parameters: [], result: { kind: 'number' } },
  ],
  types: {},
} as const;

class Counter extends StateMachine {
  count = 0;

  @cmd add(): number {
    return (this.count += 1);
  }
}
defineOperations(Counter, TABLE);

/** Its migration has a mistake, until it is repaired. */
class Second extends StateMachine {
  static override readonly version: number = 2;
  sum = 0;

  override previous(): StateMachine {
    return new Counter();
  }

  override migrate(_from: number, { count }: { readonly count: number }): unknown {
    if (count > 1) throw new Error('more than one');
    return { sum: count };
  }

  @cmd add(): number {
    return (this.sum += 100);
  }
}
defineOperations(Second, TABLE);

/** The repaired one has a number of its own: the second is what it was, also where it is replayed. */
class Third extends Second {
  static override readonly version: number = 3;

  override migrate(_from: number, { count }: { readonly count: number }): unknown {
    return { sum: count };
  }
}
defineOperations(Third, TABLE);

class CounterClient extends MachineClient {
  static of(cluster: Cluster): CounterClient {
    return new CounterClient(cluster, 'counter');
  }

  add(): Promise<number> {
    return this.command(stableHash('add'), 'add', []);
  }
}

const directory = mkdtempSync(join(tmpdir(), 'decoraft-versions-'));
let node: DecoraftNode | undefined;

afterEach(async () => {
  await node?.close();
  await rm(directory, { recursive: true, force: true });
});

it('a migration that fails leaves the node at its version and is told; a later build goes over from there', async () => {
  const { a = '' } = await freePeers();
  const changes: (MachineAgreed | MigrationFailed)[] = [];
  const errors: string[] = [];
  const start = async (counter: StateMachine): Promise<void> => {
    await node?.close();
    changes.length = 0;
    const log = (level: string, message: string): void => void (level === 'error' && errors.push(message));
    node = await startNode({
      id: 'a',
      peers: { a },
      dataDir: directory,
      machines: { counter },
      logger: { log },
    });
    node.raft.on('versionChanged', (change) => changes.push(change));
  };
  const add = async (): Promise<number> => {
    await using cluster = await connect([a]);
    return await CounterClient.of(cluster).add();
  };
  await start(new Counter());
  expect([await add(), await add()]).toEqual([1, 2]);
  await start(new Second());
  await until('the migration fails', () => changes.some(({ kind }) => kind === 'migration-failed'));
  expect(errors).toEqual([expect.stringContaining('counter.migrate() from version 1 threw: more than one')]);
  expect(node?.raft.versions).toEqual({ counter: 1 });
  expect(await add()).toBe(3);
  await until('it is never to be tried again', () => (node?.raft.log?.snapshot()?.index ?? 0) > 0);
  await start(new Third());
  await until('the later one is agreed on', () => node?.raft.versions['counter'] === 3);
  expect(await add()).toBe(103);
});
