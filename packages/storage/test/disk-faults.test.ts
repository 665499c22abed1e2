import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDeferred } from '@decoraft/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durableStorage } from '../src/durable-storage.js';
import type { Disk } from '../src/disk.js';
import { systemError } from '../src/simulated-disk.js';
import { RecordingLogger, segmentFile } from './support/durable.js';
import { at, batch, hardState, NODE_A, trace } from './support/entries.js';
import { MACHINES, type Machine, openAt, realMachine } from './support/machines.js';
import { save, snapshot, snapshotFile } from './support/snapshots.js';

const segment = (sequence: number): string => segmentFile(sequence).slice('data/'.length);
const SNAPSHOT = snapshotFile(20, 1).slice('data/'.length);
const LAST_INDEX = 60;

/** A log from entry 19 on behind a snapshot of 20, over many segments, each record with a hard state. */
async function fill(machine: Machine): Promise<void> {
  const log = await openAt(machine);
  for (let index = 1; index <= LAST_INDEX; index++) {
    await log.append({ ...batch(index, index, 1, 500), hardState: hardState(index, 'b', index - 1) });
    if (index === 20) await save(log, snapshot(20, 1, 2_000));
    if (index === 40) await log.compact(at(18));
  }
  await log.close();
}

async function contentOf(machine: Machine, name: string): Promise<Uint8Array> {
  const content = (await machine.files()).get(name);
  if (!content) throw new Error(`there is no ${name}`);
  return content.slice();
}

/** The first segment that is needed, and the last one; a prepared one is behind that. */
async function rangeOf(machine: Machine): Promise<{ readonly first: number; readonly last: number }> {
  const sequences = [...(await machine.files()).keys()]
    .filter((name) => name.endsWith('.segment'))
    .map((name) => Number.parseInt(name, 10));
  return { first: (sequences.at(-1) ?? 0) - 6, last: (sequences.at(-1) ?? 0) - 1 };
}

async function flip(machine: Machine, name: string, byte: number): Promise<void> {
  const content = await contentOf(machine, name);
  content[byte] = (content[byte] ?? 0) ^ 4;
  await machine.put(name, content);
}

async function cutShort(machine: Machine, name: string): Promise<void> {
  const content = await contentOf(machine, name);
  await machine.put(name, content.subarray(0, content.length - 1_000));
}

/** The byte of the last hard state in the segment that says for whom was voted. */
async function flipVote(machine: Machine, name: string): Promise<void> {
  const content = await contentOf(machine, name);
  await flip(machine, name, Buffer.from(content).indexOf('b', 640));
}

/** What is refused when the directory is opened, and in which file. */
const REFUSED: readonly (readonly [string, (machine: Machine) => Promise<string>])[] = [
  [
    'a bit flip in the middle of the last segment',
    async (machine) => {
      const { last } = await rangeOf(machine);
      await flip(machine, segment(last), 300);
      return segment(last);
    },
  ],
  [
    'a bit flip in the hard state',
    async (machine) => {
      const { last } = await rangeOf(machine);
      await flipVote(machine, segment(last));
      return segment(last);
    },
  ],
  [
    'a bit flip in the header of a segment',
    async (machine) => {
      const { first } = await rangeOf(machine);
      await flip(machine, segment(first), 20);
      return segment(first);
    },
  ],
  ['a bit flip in the metadata', async (machine) => (await flip(machine, 'metadata', 12), 'metadata')],
  ['a bit flip in a snapshot', async (machine) => (await flip(machine, SNAPSHOT, 1_500), SNAPSHOT)],
  ['a truncated snapshot', async (machine) => (await cutShort(machine, SNAPSHOT), SNAPSHOT)],
  [
    'a missing snapshot',
    async (machine) => {
      await machine.delete(SNAPSHOT);
      return snapshotFile(18, 1).slice('data/'.length);
    },
  ],
  [
    'a missing segment',
    async (machine) => {
      const { first } = await rangeOf(machine);
      await machine.delete(segment(first));
      return segment(first);
    },
  ],
  [
    'swapped segments',
    async (machine) => {
      const { first } = await rangeOf(machine);
      const [one, other] = [
        await contentOf(machine, segment(first)),
        await contentOf(machine, segment(first + 1)),
      ];
      await machine.put(segment(first), other);
      await machine.put(segment(first + 1), one);
      return segment(first);
    },
  ],
  [
    'a truncated segment',
    async (machine) => {
      const { first } = await rangeOf(machine);
      await cutShort(machine, segment(first));
      return segment(first);
    },
  ],
];

describe.each(MACHINES)('%s', (_, create) => {
  let machine: Machine;

  beforeEach(async () => {
    machine = await create();
    await fill(machine);
  });

  afterEach(() => machine.dispose());

  it.each(REFUSED)('%s is refused, naming the file, and changes nothing', async (_name, damage) => {
    const name = await damage(machine);
    const before = await machine.files();
    await expect(openAt(machine)).rejects.toMatchObject({
      code: 'Corrupted',
      data: { file: join(machine.directory, name) },
    });
    expect(await machine.files()).toEqual(before);
  });

  it('a bit flip in the middle of the log is found when it is read: the log ends, and changes nothing', async () => {
    const { first } = await rangeOf(machine);
    await flip(machine, segment(first), 800);
    const log = await openAt(machine);
    const before = await machine.files();
    const file = join(machine.directory, segment(first));
    expect(readAll(log)).toMatchObject({ code: 'Corrupted', data: { file } });
    await expect(log.append(batch(61, 61, 1))).rejects.toMatchObject({ code: 'Corrupted', data: { file } });
    await log.close();
    expect(await machine.files()).toEqual(before);
  });

  it('a torn tail is cut off and told, and the log goes on before it', async () => {
    const { last } = await rangeOf(machine);
    const content = await contentOf(machine, segment(last));
    const end = content.findLastIndex((byte) => byte !== 0) + 1;
    await machine.put(segment(last), content.fill(0, end - 200));
    const logger = new RecordingLogger();
    const log = await openAt(machine, logger);
    expect(log.lastIndex()).toBe(LAST_INDEX - 1);
    expect(logger.told[0]).toMatchObject({ fields: { file: join(machine.directory, segment(last)) } });
    await log.append(batch(LAST_INDEX, LAST_INDEX, 2));
    await log.close();
    const again = await openAt(machine);
    expect(again.term(at(LAST_INDEX))).toBe(2);
    await again.close();
  });

  it('a failed fdatasync is final: never tried again, told by its code, and what was acknowledged is there', async () => {
    let flushes = 0;
    const failing = { ...machine.disk, open: failingFlushes(machine, () => ++flushes) };
    const log = await openAt(machine, undefined, failing);
    const before = flushes;
    await expect(log.append(batch(61, 61, 1))).rejects.toMatchObject({
      code: 'DiskFailed',
      cause: { code: 'EIO' },
      message: expect.stringContaining('this process must end') as unknown,
    });
    await expect(log.append(batch(62, 62, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.close();
    expect(flushes).toBe(before + 1);
    const again = await openAt(machine);
    expect([LAST_INDEX, LAST_INDEX + 1]).toContain(again.lastIndex());
    await again.close();
  });
});

describe('on this machine', () => {
  it('ENOSPC: on a full file system nothing is acknowledged, and the log goes on by itself when there is room', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'decoraft-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', directory], { stdio: 'ignore' });
    } catch {
      rmSync(directory, { recursive: true });
      context.skip('only root can make a file system that is small');
    }
    const others = join(directory, 'of-others');
    writeFileSync(others, new Uint8Array(400_000));
    try {
      const storage = durableStorage(directory, { segmentBytes: 65_536 });
      const full = createDeferred<void>();
      const log = await storage.open({ nodeId: NODE_A, onDiskFull: () => full.resolve() });
      let acknowledged = 0;
      const appends = Array.from({ length: 300 }, async (_, place) => {
        await log.append(batch(place + 1, place + 1, 1, 1_000));
        acknowledged++;
      });
      await full.promise;
      await new Promise((resolve) => setImmediate(resolve));
      expect(acknowledged).toBeLessThan(300);
      rmSync(others);
      await Promise.all(appends);
      await log.close();
      const again = await storage.open({ nodeId: NODE_A });
      expect(trace(again).endsWith('1.299 1.300')).toBe(true);
      await again.close();
    } finally {
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true });
    }
  });

  it('a read-only directory is refused as such, and nothing in it is changed', async (context) => {
    const machine = await realMachine();
    await fill(machine);
    const before = await machine.files();
    try {
      // Root may write whatever the permissions say, unless the file system itself forbids it.
      execFileSync('chattr', ['+i', machine.directory], { stdio: 'ignore' });
    } catch {
      await machine.dispose();
      context.skip('this file system knows no immutable directories, or this user may not make one');
    }
    try {
      await expect(openAt(machine)).rejects.toMatchObject({
        code: 'PermissionDenied',
        message: expect.stringContaining(machine.directory) as unknown,
      });
      expect(await machine.files()).toEqual(before);
    } finally {
      execFileSync('chattr', ['-i', machine.directory]);
      await machine.dispose();
    }
  });
});

function readAll(log: Awaited<ReturnType<typeof openAt>>): unknown {
  try {
    return log.entries(log.firstIndex(), at(log.lastIndex() + 1), Infinity);
  } catch (error) {
    return error;
  }
}

/** Opens files whose flushes fail from the end of the start on: the log is open when it is told `EIO`. */
function failingFlushes(machine: Machine, count: () => number): Disk['open'] {
  return async (path, mode) => {
    const file = await machine.disk.open(path, mode);
    let isFirst = true;
    return {
      size: () => file.size(),
      read: (target, position) => file.read(target, position),
      write: (bytes, position) => file.write(bytes, position),
      close: () => file.close(),
      fdatasync() {
        if (!path.endsWith('.segment')) return file.fdatasync();
        count();
        // The first one is that of the start, which writes the last record again.
        if (isFirst) {
          isFirst = false;
          return file.fdatasync();
        }
        return Promise.reject(systemError('EIO'));
      },
    };
  };
}
