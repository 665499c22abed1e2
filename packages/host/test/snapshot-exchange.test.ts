import { silentLogger } from '@decoraft/base';
import {
  configurationOf,
  type Index,
  type InstallSnapshotRequest,
  nodeId,
  type Snapshot,
  type Term,
} from '@decoraft/raft';
import type { Channel, ChannelPool } from '@decoraft/rpc';
import { beforeEach, describe, expect, it } from 'vitest';
import { checksumOf, decodeChunk, encodeReceived, type SnapshotChunk } from '../src/snapshot-chunk.js';
import { SnapshotExchange } from '../src/snapshot-exchange.js';
import { EmptyLog } from './empty-log.js';

const SNAPSHOT: Snapshot = {
  index: 9 as Index,
  term: 3 as Term,
  configuration: configurationOf({ voters: ['a', 'b', 'c'].map(nodeId) }),
  data: new Uint8Array(300_000).fill(7),
};
const SILENT = 'h:silent';

/** A log that was compacted behind its snapshot. */
class CompactedLog extends EmptyLog {
  override readSnapshot(): Promise<never> {
    return Promise.resolve(SNAPSHOT as never);
  }
}

function requestTo(to: string, term = 3): InstallSnapshotRequest {
  const { data: _, ...snapshot } = SNAPSHOT;
  return {
    kind: 'install-snapshot-request',
    from: nodeId('a'),
    to: nodeId(to),
    term: term as Term,
    snapshot,
  };
}

let reports: string[];
let pieces: SnapshotChunk[];
let exchange: SnapshotExchange;

beforeEach(() => {
  reports = [];
  pieces = [];
  exchange = new SnapshotExchange({
    service: 1,
    log: new CompactedLog(),
    logger: silentLogger,
    address: (message) => ({ cluster: 1, disk: 2, reachedAt: 'h:a', message }),
    addressOf: (id) => (id === nodeId('b') ? SILENT : `h:${id}`),
    channels: { channel: (address: string) => Promise.resolve(channelTo(address)) } as ChannelPool,
    maxBytes: 1_000_000,
    pieceTimeoutMs: 1_000,
    report: (to, outcome) => reports.push(`${to} ${outcome}`),
  });
});

/** Takes every piece; the silent one never answers. */
function channelTo(address: string): Channel {
  const call = (_service: number, _method: number, payload: Uint8Array): Promise<Uint8Array> => {
    const piece = decodeChunk(payload);
    if (address === SILENT) return new Promise<never>(() => undefined);
    pieces.push(piece);
    return Promise.resolve(encodeReceived(piece.offset + piece.data.length));
  };
  return { call } as unknown as Channel;
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => void setImmediate(resolve));
};

describe('snapshots to several followers', () => {
  it('go their own ways: one that never answers holds up nobody (C34)', async () => {
    exchange.send(requestTo('b'));
    exchange.send(requestTo('c'));
    await turns();
    expect(reports).toEqual(['c finished']);
    expect(pieces.map(({ offset }) => offset)).toEqual([0, 131_072, 262_144]);
  });

  it('are sent once to each at a time', async () => {
    exchange.send(requestTo('c'));
    exchange.send(requestTo('c'));
    await turns();
    expect(reports).toEqual(['c finished']);
  });

  it('that are cancelled report nothing: whoever leads next decides', async () => {
    exchange.send(requestTo('c'));
    exchange.cancelAll();
    await turns();
    expect(reports).toEqual([]);
  });
});

describe('a snapshot from a leader', () => {
  const whole = (term: number): SnapshotChunk => ({
    header: { cluster: 1, disk: 2, reachedAt: 'h:a', message: requestTo('b', term) },
    totalBytes: SNAPSHOT.data.length,
    checksum: checksumOf(SNAPSHOT.data),
    offset: 0,
    data: SNAPSHOT.data,
  });

  it('of an earlier term is refused, and the core hears nothing of it (C31)', () => {
    const steps: unknown[] = [];
    expect(() => exchange.receive(whole(2), 3, (message) => steps.push(message))).toThrow('NotLeader');
    expect(steps).toEqual([]);
  });

  it('is installed when the core wants it, with its data', () => {
    const steps: InstallSnapshotRequest[] = [];
    exchange.receive(whole(3), 3, (message) => steps.push(message));
    expect(steps).toEqual([requestTo('b')]);
    expect(exchange.takeReceived(steps[0]?.snapshot)).toEqual(SNAPSHOT);
  });

  it('that the core did not want is not kept', () => {
    exchange.receive(whole(3), 3, () => undefined);
    expect(exchange.takeReceived(undefined)).toBeUndefined();
    expect(() => exchange.takeReceived(requestTo('b').snapshot)).toThrow('whose data is here');
  });
});
