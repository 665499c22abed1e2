import type { Dialer } from '@decoraft/rpc';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const BALLAST_BYTES = 3_000_000;
const PIECE_BYTES = 128 * 1024;
const LINK_BYTES = 500_000;
const SLOW_MS = 60;

let cluster: VirtualCluster;

afterEach(() => cluster.close());

/** A machine whose snapshot takes many pieces. */
function heavy(): Counter {
  return Object.assign(new Counter(), { ballast: new Uint8Array(BALLAST_BYTES).fill(7) });
}

/** Links to one address, over which what is large is counted, and may be slow or be lost with the link. */
class Link {
  bytes = 0;
  /** Breaks after so many bytes of it. */
  breaksAfter = Infinity;
  breaks = 0;
  isSlow = false;

  constructor(readonly address: string) {}

  over(network: Dialer): Dialer {
    return {
      dial: async (address, events, options) => {
        const connection = await network.dial(address, events, options);
        if (address !== this.address) return connection;
        let left = this.breaksAfter;
        let last = Promise.resolve();
        return {
          get bufferedBytes() {
            return connection.bufferedBytes;
          },
          close: (code, reason) => connection.close(code, reason),
          send: (message) => {
            if (message.length < PIECE_BYTES / 2) return connection.send(message);
            this.bytes += message.length;
            left -= message.length;
            if (left < 0) {
              this.breaks += 1;
              return connection.close(1_006, 'the link is lost');
            }
            if (!this.isSlow) return connection.send(message);
            last = after(last, () => connection.send(message));
          },
        };
      },
    };
  }
}

/** Does something a while after something else. */
async function after(earlier: Promise<void>, act: () => void): Promise<void> {
  await earlier;
  await new Promise<void>((resolve) => void cluster.clock.after(SLOW_MS, resolve));
  act();
}

/** All but c have come so far that c needs a snapshot. */
async function withoutC(link: Link): Promise<CounterClient> {
  const settings = { snapshotTailEntries: 2 };
  cluster = new VirtualCluster(settings, { machine: heavy, dialer: (_, network) => link.over(network) });
  for (const id of ['a', 'b', 'c']) await cluster.startNode(id);
  await cluster.leader();
  await cluster.stopNode('c');
  const count = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
  for (let call = 0; call < 50; call++) await cluster.during(count.add(1));
  for (const id of ['a', 'b']) await cluster.during(cluster.node(id).takeSnapshot());
  return count;
}

describe('a follower that needs a snapshot', () => {
  it('gets it over a link that breaks again and again, and hardly anything twice', async () => {
    const link = new Link('host-c:1');
    await withoutC(link);
    link.breaksAfter = LINK_BYTES;
    await cluster.startNode('c');
    const leader = await cluster.leader();
    await cluster.until(
      'c has all',
      () => cluster.node('c').appliedIndex === cluster.node(leader).appliedIndex,
    );
    expect(cluster.node('c').stateHash).toBe(cluster.node(leader).stateHash);
    expect(link.breaks).toBeGreaterThan(BALLAST_BYTES / LINK_BYTES - 1);
    // What was under way when the link broke, a few pieces each time.
    expect(link.bytes).toBeLessThan(1.1 * BALLAST_BYTES + link.breaks * 4 * PIECE_BYTES);
  });

  it('goes on in its next life where it was left', async () => {
    const link = new Link('host-c:1');
    await withoutC(link);
    link.isSlow = true;
    await cluster.startNode('c');
    await cluster.until('much of it is there', () => link.bytes > BALLAST_BYTES / 2);
    await cluster.stopNode('c');
    link.isSlow = false;
    const before = link.bytes;
    await cluster.startNode('c');
    const leader = await cluster.leader();
    await cluster.until(
      'c has all',
      () => cluster.node('c').appliedIndex === cluster.node(leader).appliedIndex,
    );
    expect(link.bytes - before).toBeLessThan(BALLAST_BYTES / 2 + 8 * PIECE_BYTES);
  });

  it('holds up nobody: the others commit and apply while it is sent', async () => {
    const link = new Link('host-c:1');
    const count = await withoutC(link);
    link.isSlow = true;
    await cluster.startNode('c');
    await cluster.until('some of it is on its way', () => link.bytes > 4 * PIECE_BYTES);
    const leader = await cluster.leader();
    const other = leader === 'a' ? 'b' : 'a';
    const before = cluster.node(other).status?.commit ?? 0;
    for (let call = 0; call < 20; call++) await cluster.during(count.add(1));
    await cluster.until('the other follows', () => (cluster.node(other).status?.commit ?? 0) >= before + 20);
    expect(link.bytes).toBeLessThan(BALLAST_BYTES);
    expect(cluster.node('c').appliedIndex).toBeLessThan(before);
    await cluster.until(
      'c has all',
      () => cluster.node('c').appliedIndex === cluster.node(leader).appliedIndex,
    );
  });

  it('ends loudly when its machine cannot be restored, with the snapshot on its disk', async () => {
    const link = new Link('host-c:1');
    await withoutC(link);
    link.isSlow = true;
    await cluster.startNode('c');
    const errors: unknown[] = [];
    const raft = cluster.node('c');
    raft.on('failed', (error) => errors.push(error));
    const machines: { restored?: () => void } = Counter.prototype;
    machines.restored = () => {
      throw new RangeError('too large for this machine');
    };
    onTestFinished(() => void delete machines.restored);
    await cluster.until('it has ended', () => errors.length > 0);
    expect(errors).toMatchObject([{ code: 'Internal' }]);
    expect(String(errors[0])).toContain('too large for this machine');
    expect(raft.log?.snapshot()?.index).toBeGreaterThan(50);
    await cluster.stopNode('c');
    delete machines.restored;
    await cluster.startNode('c');
    const leader = await cluster.leader();
    await cluster.until(
      'c has all',
      () => cluster.node('c').appliedIndex === cluster.node(leader).appliedIndex,
    );
  });
});
