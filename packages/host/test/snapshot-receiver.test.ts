import { crc32 } from 'node:zlib';
import { memoryStorage } from '@decoraft/storage';
import { configurationOf, type Index, type LogStore, nodeId, type Term } from '@decoraft/raft';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeChunk, descriptionOf, encodeChunk, type SnapshotChunk } from '../src/snapshot-chunk.js';
import { SnapshotReceiver } from '../src/snapshot-receiver.js';

const DATA = Uint8Array.from({ length: 100 }, (_, at) => at);

interface Piece {
  readonly from?: string;
  readonly term?: number;
  readonly index?: number;
  readonly offset: number;
  readonly end?: number;
  readonly data?: Uint8Array;
}

function chunk({ data = DATA, end, from = 'a', index = 9, offset, term = 3 }: Piece): SnapshotChunk {
  const snapshot = {
    index: index as Index,
    term: 3 as Term,
    configuration: configurationOf({ voters: [nodeId('a')] }),
  };
  const message = {
    kind: 'install-snapshot-request',
    from: nodeId(from),
    to: nodeId('b'),
    term: term as Term,
    snapshot,
  } as const;
  return {
    header: { cluster: 1, disk: 2, reachedAt: 'h:1', message },
    totalBytes: DATA.length,
    checksum: crc32(DATA),
    offset,
    data: data.subarray(offset, end),
  };
}

const WHOLE = { bytes: 100, isWhole: true };
const upTo = (bytes: number) => ({ bytes, isWhole: false });

let log: LogStore;
let receiver: SnapshotReceiver;

beforeEach(async () => {
  log = await memoryStorage().open({ nodeId: nodeId('b') });
  receiver = new SnapshotReceiver(log, 1_000);
});

async function installed(): Promise<readonly Uint8Array[]> {
  await log.append({ snapshot: descriptionOf(chunk({ offset: 0 })), entries: [] });
  const pieces: Uint8Array[] = [];
  for await (const piece of (await log.readSnapshot())?.chunks() ?? []) pieces.push(piece);
  return pieces;
}

describe('a snapshot in pieces', () => {
  it('is whole with its last piece, and can be installed', async () => {
    expect(await receiver.take(chunk({ offset: 0, end: 40 }))).toEqual(upTo(40));
    expect(await receiver.take(chunk({ offset: 40, end: 80 }))).toEqual(upTo(80));
    expect(await receiver.take(chunk({ offset: 80 }))).toEqual(WHOLE);
    expect(Buffer.concat(await installed())).toEqual(Buffer.from(DATA));
  });

  it('is put together in the order in which its pieces came, though nobody waits in between', async () => {
    const taken = [0, 25, 50, 75].map((offset) => receiver.take(chunk({ offset, end: offset + 25 })));
    expect(await Promise.all(taken)).toEqual([upTo(25), upTo(50), upTo(75), WHOLE]);
    expect(Buffer.concat(await installed())).toEqual(Buffer.from(DATA));
  });

  it('goes on where it stood: a piece that comes twice, or too early, or has no data says where', async () => {
    await receiver.take(chunk({ offset: 0, end: 40 }));
    expect(await receiver.take(chunk({ offset: 0, end: 40 }))).toEqual(upTo(40));
    expect(await receiver.take(chunk({ offset: 80 }))).toEqual(upTo(40));
    expect(await receiver.take(chunk({ offset: 0, end: 0 }))).toEqual(upTo(40));
    expect(await receiver.take(chunk({ offset: 40 }))).toEqual(WHOLE);
    expect(await receiver.take(chunk({ offset: 0, end: 0 }))).toEqual(WHOLE);
  });

  it('begins with its first piece only', async () => {
    expect(await receiver.take(chunk({ offset: 40 }))).toEqual(upTo(0));
  });

  it.each([
    ['another leader', { from: 'c' }],
    ['a later term', { term: 4 }],
  ])('goes on when it comes from %s', async (_, other) => {
    await receiver.take(chunk({ offset: 0, end: 40 }));
    expect(await receiver.take(chunk({ ...other, offset: 40 }))).toEqual(WHOLE);
  });

  it('goes on in the next life of the server', async () => {
    await receiver.take(chunk({ offset: 0, end: 40 }));
    const next = new SnapshotReceiver(log, 1_000);
    expect(await next.take(chunk({ offset: 0, end: 0 }))).toEqual(upTo(40));
    expect(await next.take(chunk({ offset: 40 }))).toEqual(WHOLE);
  });

  it('begins anew when it is another', async () => {
    await receiver.take(chunk({ offset: 0, end: 40 }));
    expect(await receiver.take(chunk({ index: 10, offset: 40 }))).toEqual(upTo(0));
    expect(await receiver.take(chunk({ offset: 40 }))).toEqual(upTo(0));
  });

  it('that was damaged on the way is asked for again, from the beginning', async () => {
    const damaged = DATA.with(50, 0);
    expect(await receiver.take(chunk({ offset: 0, data: damaged }))).toEqual(upTo(0));
    expect(await receiver.take(chunk({ offset: 0 }))).toEqual(WHOLE);
    expect(Buffer.concat(await installed())).toEqual(Buffer.from(DATA));
  });

  it('is refused beyond the limit before any room is taken, and beyond its own end', async () => {
    const small = new SnapshotReceiver(log, 99);
    await expect(small.take(chunk({ offset: 0 }))).rejects.toThrow('beyond the limit of 99');
    const overlong = { ...chunk({ offset: 0 }), offset: 1 };
    await expect(receiver.take(overlong)).rejects.toThrow('beyond its end');
  });

  it('keeps its place and its bytes over the wire', () => {
    const piece = chunk({ offset: 40, end: 80 });
    expect(decodeChunk(encodeChunk(piece))).toEqual(piece);
  });
});
