import { createDeferred } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { type DiskOperation, SimulatedDisk, systemError } from '../src/simulated-disk.js';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** The values of the sectors that a file has after a crash; `put` gave it zeros. */
async function sectorsAfterCrash(seed: number): Promise<string> {
  const disk = new SimulatedDisk(seed);
  disk.put('data/file', bytes(2_048, 0));
  const file = await disk.forProcess().open('data/file', 'existing');
  await file.write(bytes(2_048, 1), 0);
  disk.crash();
  const content = disk.content('data/file');
  return [0, 512, 1_024, 1_536]
    .map((at) => new Set(content.subarray(at, at + 512)))
    .map((set) => [...set].join('+'))
    .join('');
}

describe('a simulated disk', () => {
  it('loses any of the sectors that were not flushed, each as a whole, and the same with the same seed', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const outcome = await sectorsAfterCrash(seed);
      expect(outcome).toMatch(/^[01]{4}$/);
      expect(await sectorsAfterCrash(seed)).toBe(outcome);
      outcomes.add(outcome);
    }
    expect(outcomes.size).toBeGreaterThan(10);
  });

  it('keeps what was flushed, under names that were flushed', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const process = disk.forProcess();
      const file = await process.open('data/aside', 'create');
      await file.write(bytes(700, 1), 0);
      await file.fdatasync();
      await process.rename('data/aside', 'data/file');
      await process.fsyncDirectory('data');
      disk.crash();
      expect(disk.paths).toEqual(['data/file']);
      expect(disk.content('data/file')).toEqual(bytes(700, 1));
    }
  });

  it('loses a tail of the changes of names', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const disk = new SimulatedDisk(seed);
      disk.put('data/old', bytes(1, 1));
      const process = disk.forProcess();
      await process.rename('data/old', 'data/new');
      await process.remove('data/new');
      disk.crash();
      outcomes.add(disk.paths.join(' '));
    }
    expect(outcomes).toEqual(new Set(['data/old', 'data/new', '']));
  });

  it('that is full refuses writes that make a file larger, and only those', async () => {
    const disk = new SimulatedDisk();
    disk.put('data/file', bytes(10, 0));
    const file = await disk.forProcess().open('data/file', 'existing');
    disk.full = true;
    expect(await file.write(bytes(10, 1), 0)).toBe(10);
    await expect(file.write(bytes(1, 1), 10)).rejects.toMatchObject({ code: 'ENOSPC' });
    disk.full = false;
    expect(await file.write(bytes(1, 1), 10)).toBe(1);
  });

  it('flips one bit for good, whatever was flushed', async () => {
    const disk = new SimulatedDisk();
    disk.put('data/file', bytes(2, 0));
    const file = await disk.forProcess().open('data/file', 'existing');
    await file.write(bytes(1, 0), 0);
    disk.flipBit('data/file', 1, 7);
    const seen = bytes(2, 9);
    await file.read(seen, 0);
    expect(seen).toEqual(Uint8Array.of(0, 0x80));
    disk.crash();
    expect(disk.content('data/file')).toEqual(Uint8Array.of(0, 0x80));
    expect(() => disk.flipBit('data/file', 2, 0)).toThrow(RangeError);
  });

  it('whose flush fails never flushes those writes again, and shows them all the same', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      disk.put('data/file', bytes(1, 0));
      const file = await disk.forProcess().open('data/file', 'existing');
      await file.write(bytes(1, 1), 0);
      disk.fault = (operation) => (operation === 'fdatasync' ? systemError('EIO') : undefined);
      await expect(file.fdatasync()).rejects.toMatchObject({ code: 'EIO' });
      disk.fault = undefined;
      await file.fdatasync();
      expect(disk.snapshot().get('data/file')).toEqual(bytes(1, 1));
      disk.crash();
      if (disk.content('data/file')[0] === 0) lost++;
    }
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(20);
  });

  it('lets every operation wait, and drops the effect of those whose process died meanwhile', async () => {
    const disk = new SimulatedDisk();
    disk.put('data/file', bytes(4, 0));
    const process = disk.forProcess();
    const file = await process.open('data/file', 'existing');
    const begun: DiskOperation[] = [];
    const gate = createDeferred<void>();
    disk.beforeOperation = (operation) => {
      begun.push(operation);
      return gate.promise;
    };
    const waiting = [
      process.createDirectory('data'),
      process.list('data'),
      process.lock('data'),
      process.open('data/new', 'create'),
      file.size(),
      file.read(bytes(4, 0), 0),
      file.write(bytes(4, 1), 0),
      file.fdatasync(),
      process.rename('data/file', 'data/other'),
      process.remove('data/file'),
      process.fsyncDirectory('data'),
    ];
    expect(begun).toHaveLength(waiting.length);
    disk.kill();
    gate.resolve();
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected');
    expect(disk.paths).toEqual(['data/file']);
    expect(disk.content('data/file')).toEqual(bytes(4, 0));
    await disk.forProcess().lock('data');
  });
});
