import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const RECORD = new Uint8Array(256).fill(0x78);
const FILE_BYTES = 4 * 1024 * 1024;
const SYNCS = 500;

/** How often a second this disk makes 256 bytes durable: write, fdatasync, again, in a file of its full length. */
export async function diskSyncsPerSecond(directory: string): Promise<number> {
  const scratch = await mkdtemp(join(directory, 'disk-'));
  const file = await open(join(scratch, 'log'), 'w+');
  try {
    await file.write(new Uint8Array(FILE_BYTES), 0, FILE_BYTES, 0);
    await file.sync();
    const startMs = performance.now();
    await writeAndSync(file);
    return (SYNCS / (performance.now() - startMs)) * 1_000;
  } finally {
    await file.close();
    await rm(scratch, { recursive: true });
  }
}

async function writeAndSync(file: FileHandle): Promise<void> {
  for (let round = 0; round < SYNCS; round++) {
    await file.write(RECORD, 0, RECORD.length, (round * RECORD.length) % FILE_BYTES);
    await file.datasync();
  }
}
