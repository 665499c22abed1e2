import { constants, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskFile } from '../src/disk.js';
import { nodeDisk } from '../src/node-disk.js';
import { readAll, writeAllDurably } from '../src/whole-file.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'decoraft-node-disk-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** The flags of every descriptor of this process that stands for the file, as the system tells them. */
function flagsOf(path: string): readonly number[] {
  return readdirSync('/proc/self/fd')
    .filter((descriptor) => isDescriptorOf(descriptor, path))
    .map((descriptor) => {
      const [, flags = '0'] =
        /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
      return Number.parseInt(flags, 8);
    });
}

function isDescriptorOf(descriptor: string, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
  } catch {
    return false;
  }
}

const textOf = async (file: DiskFile): Promise<string> =>
  new TextDecoder().decode(await readAll(file, 0, await file.size()));

describe('a durable write', () => {
  it('goes to the file that was opened, also when its name has changed since', async () => {
    const [before, after] = [join(directory, 'before'), join(directory, 'after')];
    const file = await nodeDisk.open(before, 'create');
    await writeAllDurably(file, new TextEncoder().encode('first '), 0);
    await nodeDisk.rename(before, after);
    const other = await nodeDisk.open(before, 'create');
    await writeAllDurably(file, new TextEncoder().encode('second'), 6);
    await writeAllDurably(other, new TextEncoder().encode('other'), 0);
    expect(await textOf(file)).toBe('first second');
    expect(await textOf(other)).toBe('other');
    expect(readFileSync(after, 'utf8')).toBe('first second');
    await file.close();
    await other.close();
  });

  it.runIf(process.platform === 'linux')(
    'is one that the system flushes itself, and leaves nothing open',
    async () => {
      const path = join(directory, 'file');
      const file = await nodeDisk.open(path, 'create');
      const isFlushing = (flags: number): boolean => (flags & constants.O_DSYNC) !== 0;
      expect(flagsOf(path).some(isFlushing)).toBe(false);
      await writeAllDurably(file, new Uint8Array(10), 0);
      expect(flagsOf(path).some(isFlushing)).toBe(true);
      await file.close();
      expect(flagsOf(path)).toEqual([]);
    },
  );
});
