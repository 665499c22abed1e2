import type { Index, Term } from '@decoraft/raft';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type BackupDescription,
  describeChunks,
  encodeBackupHeader,
  openBackupFile,
  writeBackupFile,
} from '../src/index.js';

const PIECES = [new Uint8Array(300_000).fill(1), new Uint8Array(1).fill(2), new Uint8Array(5_000).fill(3)];

async function* chunks(pieces: readonly Uint8Array[] = PIECES): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function description(): Promise<BackupDescription> {
  return {
    index: 1_234 as Index,
    term: 7 as Term,
    timeMs: Date.UTC(2026, 0, 2),
    ...(await describeChunks(chunks())),
    clusterId: 'örders',
    nodeId: 'a',
    members: [
      { id: 'a', address: 'one:1', role: 'voter' },
      { id: 'b', address: 'two:2', role: 'learner' },
    ],
  };
}

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'decoraft-backup-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function contentOf(path: string): Promise<Buffer> {
  const backup = await openBackupFile(path);
  try {
    const read: Uint8Array[] = [];
    for await (const chunk of backup.chunks()) read.push(chunk.slice());
    return Buffer.concat(read);
  } finally {
    await backup.close();
  }
}

async function written(): Promise<string> {
  const path = join(emptyDirectory(), 'backup');
  await writeBackupFile(path, await description(), chunks());
  return path;
}

describe('a backup file', () => {
  it('gives back what was written, and nothing else is left beside it', async () => {
    const path = await written();
    expect(await contentOf(path)).toEqual(Buffer.concat(PIECES));
    const backup = await openBackupFile(path);
    expect(backup.description).toEqual(await description());
    await backup.close();
    expect(readdirSync(join(path, '..'))).toEqual(['backup']);
  });

  it('overwrites nothing, not even what came while it was written', async () => {
    const path = join(emptyDirectory(), 'backup');
    const late = async function* (): AsyncGenerator<Uint8Array> {
      yield* PIECES;
      writeFileSync(path, 'mine');
    };
    await expect(writeBackupFile(path, await description(), late())).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    await expect(writeBackupFile(path, await description(), chunks())).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(readdirSync(join(path, '..'))).toEqual(['backup']);
  });

  it('is not there when what came is too little, too much, or something else', async () => {
    const [first = new Uint8Array(0), ...others] = PIECES;
    const other = first.slice();
    other[17] = 0;
    for (const pieces of [[first], [...PIECES, new Uint8Array(1)], [other, ...others]]) {
      const path = join(emptyDirectory(), 'backup');
      await expect(writeBackupFile(path, await description(), chunks(pieces))).rejects.toMatchObject({
        code: 'Corrupted',
      });
      expect(readdirSync(join(path, '..'))).toEqual([]);
    }
  });

  it('is not there when it is given up, or when what gives it fails', async () => {
    const path = join(emptyDirectory(), 'backup');
    const controller = new AbortController();
    const interrupted = async function* (): AsyncGenerator<Uint8Array> {
      yield* PIECES;
      controller.abort(new Error('enough'));
    };
    const options = { signal: controller.signal };
    await expect(writeBackupFile(path, await description(), interrupted(), options)).rejects.toThrow(
      'enough',
    );
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield* PIECES.slice(0, 1);
      throw new Error('connection lost');
    };
    await expect(writeBackupFile(path, await description(), failing())).rejects.toThrow('connection lost');
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('is refused when any bit of it has flipped', async () => {
    const path = await written();
    const whole = readFileSync(path);
    const headerBytes = encodeBackupHeader(await description()).length;
    const bytes = [...Array(headerBytes).keys(), headerBytes, headerBytes + 150_000, whole.length - 1];
    for (const byte of bytes) {
      const copy = Buffer.from(whole);
      copy[byte] = (copy[byte] ?? 0) ^ (1 << (byte % 8));
      writeFileSync(path, copy);
      const refusal: unknown = await contentOf(path).catch((error: unknown) => error);
      const code = byte < 8 ? 'InvalidArgument' : 'Corrupted';
      expect(refusal, `byte ${byte}`).toMatchObject({ code });
    }
  });

  it('is refused when it is cut off, or goes on behind its end', async () => {
    const path = await written();
    const whole = readFileSync(path);
    for (const length of [17, 100, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(contentOf(path)).rejects.toMatchObject({ code: 'Corrupted' });
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
    await expect(contentOf(path)).rejects.toMatchObject({
      code: 'Corrupted',
      data: { offset: whole.length },
    });
  });
});
