import type { Index } from '@decoraft/raft';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { durableStorage, type InspectedDirectory, inspectDirectory } from '../src/index.js';
import { batch, NODE_A } from './support/entries.js';
import { CONFIGURATION } from './support/snapshots.js';

const COMPACTED_ROUNDS = 60;

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function inspected(directory: string, verify: boolean): Promise<InspectedDirectory> {
  const inspection = await inspectDirectory(directory, { verify });
  if (inspection.kind !== 'inspected') throw new Error(`${inspection.kind}: ${inspection.reason}`);
  return inspection;
}

it('a directory that is written, compacted and recycled meanwhile never looks damaged, and never goes back', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'decoraft-inspect-')), 'data');
  onTestFinished(() => rmSync(join(directory, '..'), { recursive: true, force: true }));
  const log = await durableStorage(directory, { segmentBytes: 4_096 }).open({ nodeId: NODE_A });
  const progress = { isOver: false, durable: 0 };
  const write = async (): Promise<void> => {
    for (let index = 1; !progress.isOver; index++) {
      await log.append(batch(index, index, 1, 300));
      progress.durable = index;
      if (index % 100 !== 0) continue;
      const at = { index: index as Index, term: log.term(index as Index) ?? 0, configuration: CONFIGURATION };
      await log.saveSnapshot(at as Parameters<typeof log.saveSnapshot>[0], chunk(new Uint8Array(10_000)));
      await log.compact((index - 10) as Index);
    }
  };
  const writing = write();
  onTestFinished(async () => {
    progress.isOver = true;
    await writing;
  });
  let last = 0;
  let compacted = 0;
  for (let round = 0; compacted < COMPACTED_ROUNDS; round++) {
    const before = progress.durable;
    const { damages, lock, log: found } = await inspected(directory, round % 2 === 0);
    expect(damages).toEqual([]);
    expect(lock).toEqual({ kind: 'held', pid: process.pid });
    expect(found?.lastIndex).toBeGreaterThanOrEqual(Math.max(last, before));
    expect(found?.lastIndex).toBeLessThanOrEqual(log.lastIndex());
    last = found?.lastIndex ?? 0;
    if (found && found.beginsBehind > 0) compacted++;
  }
  progress.isOver = true;
  await writing;
  await log.close();
  expect((await inspected(directory, true)).lock.kind).toBe('released');
}, 60_000);
