import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@decoraft/base';
import { expect, it } from 'vitest';
import { durableStorage } from '../src/durable-storage.js';
import { allEntries, hardState, NODE_A } from './support/entries.js';
import { read, snapshot } from './support/snapshots.js';
import { WriterProcess } from './support/writer-process.js';

const ROUNDS = 20;
const SEED = 7;

it(`a writer is killed ${ROUNDS} times: every acknowledged entry is there, and nothing that was not written`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-kill-'));
  const random = seededRandom(SEED);
  let acknowledged = 0;
  let compacted = 0;
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const writer = new WriterProcess(directory, round);
      expect(await writer.line()).toBe('open');
      const until = 1 + Math.floor(random() * 60);
      for (let count = 0; count < until; count++) await writer.line();
      await writer.kill();
      for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) acknowledged = Number(line);

      const log = await durableStorage(directory, { segmentBytes: 65_536 }).open({ nodeId: NODE_A });
      expect(log.lastIndex()).toBeGreaterThanOrEqual(acknowledged);
      const found = await read(log);
      expect(found?.index ?? 0).toBeGreaterThanOrEqual(log.firstIndex() - 1);
      expect(log.hardState()).toEqual(hardState(round, 'a', found?.index));
      if (found) expect(found.data).toEqual(snapshot(found.index, found.term, 20_000).data);
      for (const { data, index, term } of allEntries(log)) {
        if (!data.every((byte) => byte === (index + term) % 256))
          throw new Error(`entry ${index} is not what was written`);
      }
      acknowledged = log.lastIndex();
      compacted = log.firstIndex() - 1;
      await log.close();
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS * 10);
    expect(compacted).toBeGreaterThan(ROUNDS);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);
