import { crc32 } from 'node:zlib';
import { silentLogger, VirtualClock } from '@decoraft/base';
import {
  configurationOf,
  type Entry,
  type Index,
  type InstallSnapshotRequest,
  type LogStore,
  nodeId,
  type SnapshotMetadata,
  type Term,
} from '@decoraft/raft';
import type { Channel, ChannelPool } from '@decoraft/rpc';
import { memoryStorage } from '@decoraft/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeChunk, encodeReceived, type SnapshotChunk } from '../src/snapshot-chunk.js';
import { SnapshotExchange } from '../src/snapshot-exchange.js';

const DATA = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
const PIECE_BYTES = 131_072;
const SNAPSHOT: SnapshotMetadata = {
  index: 9 as Index,
  term: 3 as Term,
  configuration: configurationOf({ voters: ['a', 'b', 'c'].map(nodeId) }),
};

function requestTo(to: string, term = 3): InstallSnapshotRequest {
  return {
    kind: 'install-snapshot-request',
    from: nodeId('a'),
    to: nodeId(to),
    term: term as Term,
    snapshot: SNAPSHOT,
  };
}

/** A follower's server: what arrives there, and what becomes of it. */
interface Follower {
  readonly pieces: SnapshotChunk[];
  readonly underWay: () => number;
  /** Of the data, however often. */
  bytes: number;
  take: (chunk: SnapshotChunk) => Promise<number>;
}

const clock = new VirtualClock(0);
let term: number;
let reports: string[];
let steps: InstallSnapshotRequest[];
let followers: Map<string, Follower>;
let log: LogStore;
let exchange: SnapshotExchange;

beforeEach(async () => {
  [term, reports, steps] = [3, [], []];
  followers = new Map(['b', 'c'].map((id) => [`h:${id}`, createFollower()]));
  log = await logWithSnapshot();
  exchange = exchangeOf(log);
});

async function logWithSnapshot(): Promise<LogStore> {
  const store = await memoryStorage().open({ nodeId: nodeId('a') });
  const entries = Array.from({ length: 20 }, (_, at): Entry => ({
    index: (at + 1) as Index,
    term: 3 as Term,
    kind: 'normal',
    data: new Uint8Array(1),
  }));
  await store.append({ entries });
  await save(store, 9, DATA);
  return store;
}

function save(store: LogStore, index: number, data: Uint8Array): Promise<void> {
  const chunks = async function* () {
    for (let at = 0; at < data.length; at += 300_000) yield data.slice(at, at + 300_000);
  };
  return store.saveSnapshot({ ...SNAPSHOT, index: index as Index }, chunks());
}

function exchangeOf(store: LogStore): SnapshotExchange {
  return new SnapshotExchange({
    service: 1,
    log: store,
    clock,
    logger: silentLogger,
    address: (message) => ({ cluster: 1, disk: 2, reachedAt: 'h:a', message }),
    addressOf: (id) => `h:${id}`,
    channels: { channel: (address: string) => Promise.resolve(channelTo(address)) } as ChannelPool,
    maxBytes: 10_000_000,
    pieceTimeoutMs: 1_000,
    term: () => term,
    step: (message) => steps.push(message),
    report: (to, outcome) => reports.push(`${to} ${outcome}`),
  });
}

/** One that takes every piece. */
function createFollower(): Follower {
  let received = 0;
  let underWay = 0;
  const take = (piece: SnapshotChunk): Promise<number> => {
    if (piece.offset === received) received += piece.data.length;
    return Promise.resolve(received);
  };
  const follower: Follower = {
    pieces: [],
    bytes: 0,
    underWay: () => underWay,
    take: async (piece) => {
      underWay += 1;
      try {
        return await take(piece);
      } finally {
        underWay -= 1;
      }
    },
  };
  return follower;
}

function followerAt(id: string): Follower {
  const follower = followers.get(`h:${id}`);
  if (!follower) throw new Error(`there is no ${id}`);
  return follower;
}

function channelTo(address: string): Channel {
  const call = async (_service: number, _method: number, payload: Uint8Array): Promise<Uint8Array> => {
    const follower = followers.get(address);
    const piece = decodeChunk(payload);
    follower?.pieces.push(piece);
    if (follower) follower.bytes += piece.data.length;
    return encodeReceived((await follower?.take(piece)) ?? 0);
  };
  return { call } as unknown as Channel;
}

const silence = (): Promise<number> => new Promise(() => undefined);

const turns = async (count = 40): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setImmediate(resolve));
};

describe('snapshots to several followers', () => {
  it('go their own ways: one that never answers holds up nobody (C34)', async () => {
    followerAt('b').take = silence;
    exchange.send(requestTo('b'));
    exchange.send(requestTo('c'));
    await turns();
    expect(reports).toEqual(['c finished']);
    const { pieces } = followerAt('c');
    expect(Buffer.concat(pieces.map(({ data }) => data)).equals(DATA)).toBe(true);
    expect(pieces[0]).toMatchObject({ offset: 0, totalBytes: DATA.length, checksum: crc32(DATA) });
  });

  it('are sent once to each at a time', async () => {
    exchange.send(requestTo('c'));
    exchange.send(requestTo('c'));
    await turns();
    expect(reports).toEqual(['c finished']);
    expect(followerAt('c').bytes).toBe(DATA.length);
  });

  it('that are cancelled report nothing: whoever leads next decides', async () => {
    exchange.send(requestTo('c'));
    exchange.cancelAll();
    await turns();
    expect(reports).toEqual([]);
  });

  it('have a few pieces under way, and no more', async () => {
    followerAt('c').take = ({ data }) => (data.length === 0 ? Promise.resolve(0) : silence());
    exchange.send(requestTo('c'));
    await turns();
    expect(followerAt('c').pieces.map(({ offset }) => offset / PIECE_BYTES)).toEqual([
      0,
      0,
      1,
      2,
      300_000 / PIECE_BYTES,
    ]);
  });
});

describe('a transfer that breaks off', () => {
  it('goes on where the follower stands, with the same snapshot though there is a newer one', async () => {
    const follower = followerAt('c');
    const takeAll = follower.take;
    let left = 3;
    const lostAfterAFew = (piece: SnapshotChunk): Promise<number> => {
      if (left === 0) return Promise.reject(new Error('the connection is lost'));
      left -= 1;
      return takeAll(piece);
    };
    follower.take = lostAfterAFew;
    let attempts = 0;
    while (!reports.includes('c finished')) {
      attempts += 1;
      expect(attempts).toBeLessThan(20);
      left = 4;
      exchange.send(requestTo('c'));
      await turns();
      await save(log, 9 + attempts, DATA.slice(attempts));
    }
    expect(attempts).toBeGreaterThan(2);
    expect(follower.pieces.at(-1)?.header.message.snapshot.index).toBe(9);
    // What was under way when a connection broke was sent for nothing, and nothing else.
    expect(follower.bytes).toBeLessThan(DATA.length + attempts * 4 * PIECE_BYTES);
  });

  it('begins anew with the newest when the log does not go on from the one before', async () => {
    const follower = followerAt('c');
    const takeAll = follower.take;
    follower.take = () => Promise.reject(new Error('the connection is lost'));
    exchange.send(requestTo('c'));
    await turns();
    expect(exchange.oldestSent).toBe(9);
    await save(log, 15, DATA);
    await log.compact(10 as Index);
    follower.take = takeAll;
    exchange.send(requestTo('c'));
    await turns();
    expect(reports).toEqual(['c failed', 'c finished']);
    expect(follower.pieces.at(-1)?.header.message.snapshot.index).toBe(15);
    expect(exchange.oldestSent).toBeUndefined();
  });

  it('holds on to its snapshot for a minute, not for ever', async () => {
    followerAt('c').take = () => Promise.reject(new Error('the connection is lost'));
    exchange.send(requestTo('c'));
    await turns();
    clock.advance(59_000);
    expect(exchange.oldestSent).toBe(9);
    clock.advance(2_000);
    expect(exchange.oldestSent).toBeUndefined();
  });

  it('is given up when the follower gets no further', async () => {
    followerAt('c').take = () => Promise.resolve(0);
    exchange.send(requestTo('c'));
    await turns(100);
    expect(reports).toEqual(['c failed']);
  });
});

describe('a snapshot from a leader', () => {
  const whole = (inTerm: number): SnapshotChunk => ({
    header: { cluster: 1, disk: 2, reachedAt: 'h:a', message: requestTo('b', inTerm) },
    totalBytes: DATA.length,
    checksum: crc32(DATA),
    offset: 0,
    data: DATA,
  });

  beforeEach(async () => {
    exchange = exchangeOf(await memoryStorage().open({ nodeId: nodeId('b') }));
  });

  it('of an earlier term is refused, and the core hears nothing of it (C31)', async () => {
    await expect(exchange.receive(whole(2))).rejects.toThrow('NotLeader');
    expect(steps).toEqual([]);
  });

  it('whose term is over when it is whole is not told to the core', async () => {
    const received = exchange.receive(whole(3));
    term = 4;
    await expect(received).rejects.toThrow('NotLeader');
    expect(steps).toEqual([]);
  });

  it('is installed when the core wants it', async () => {
    await exchange.receive(whole(3));
    expect(steps).toEqual([requestTo('b')]);
    expect(exchange.takeReceived(steps[0]?.snapshot)).toEqual(SNAPSHOT);
  });

  it('that the core did not want is not kept', async () => {
    await exchange.receive(whole(3));
    expect(exchange.takeReceived(undefined)).toBeUndefined();
    expect(() => exchange.takeReceived(requestTo('b').snapshot)).toThrow('whose data is here');
  });
});
