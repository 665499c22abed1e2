import { configurationOf, type Index, nodeId, type Term } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { checksumOf, decodeChunk, encodeChunk, type SnapshotChunk } from '../src/snapshot-chunk.js';
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
    term: term as Term,
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
    checksum: checksumOf(DATA),
    offset,
    data: data.subarray(offset, end),
  };
}

describe('a snapshot in pieces', () => {
  it('is whole with its last piece', () => {
    const receiver = new SnapshotReceiver(1_000);
    expect(receiver.take(chunk({ offset: 0, end: 40 }))).toBe(40);
    expect(receiver.take(chunk({ offset: 40, end: 80 }))).toBe(80);
    expect(receiver.take(chunk({ offset: 80 }))).toMatchObject({ data: DATA });
  });

  it('goes on where it stood: a piece that comes twice, or too early, says where', () => {
    const receiver = new SnapshotReceiver(1_000);
    receiver.take(chunk({ offset: 0, end: 40 }));
    expect(receiver.take(chunk({ offset: 0, end: 40 }))).toBe(40);
    expect(receiver.take(chunk({ offset: 80 }))).toBe(40);
    expect(receiver.take(chunk({ offset: 40 }))).toMatchObject({ data: DATA });
  });

  it('begins with its first piece only', () => {
    expect(new SnapshotReceiver(1_000).take(chunk({ offset: 40 }))).toBe(0);
  });

  it.each([
    ['another leader', { from: 'c' }],
    ['a later term', { term: 4 }],
    ['another index', { index: 10 }],
  ])('begins anew when it comes from %s', (_, other) => {
    const receiver = new SnapshotReceiver(1_000);
    receiver.take(chunk({ offset: 0, end: 40 }));
    expect(receiver.take(chunk({ ...other, offset: 40 }))).toBe(0);
  });

  it('that was damaged on the way is asked for again, from the beginning', () => {
    const receiver = new SnapshotReceiver(1_000);
    const damaged = DATA.slice();
    damaged[50] = 0;
    expect(receiver.take(chunk({ offset: 0, data: damaged }))).toBe(0);
    expect(receiver.take(chunk({ offset: 0 }))).toMatchObject({ data: DATA });
  });

  it('is refused beyond the limit before any memory is taken, and beyond its own end', () => {
    expect(() => new SnapshotReceiver(99).take(chunk({ offset: 0 }))).toThrow('beyond the limit of 99');
    const overlong = { ...chunk({ offset: 0 }), offset: 1 };
    expect(() => new SnapshotReceiver(1_000).take(overlong)).toThrow('beyond its end');
  });

  it('keeps its place and its bytes over the wire', () => {
    const piece = chunk({ offset: 40, end: 80 });
    expect(decodeChunk(encodeChunk(piece))).toEqual(piece);
  });
});
