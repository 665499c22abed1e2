import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Barriers, Elections, Locks, Queues, Semaphores } from '@decoraft/collections';
import { Barrier, BrokenBarrier, LeaderElection, Lock, Queue, Semaphore } from '@decoraft/collections/client';
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

const HOLDER = fileURLToPath(new URL('support/lock-holder.mjs', import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'decoraft-locks-'));
let nodes: readonly DecoraftNode[];
let addresses: readonly string[];
let ann: Cluster;
let bob: Cluster;

beforeAll(async () => {
  const peers = await freePeers();
  addresses = Object.values(peers);
  nodes = await Promise.all(
    Object.keys(peers).map((id) =>
      startNode({
        id,
        dataDir: join(directory, id),
        peers,
        machines: {
          locks: new Locks(),
          semaphores: new Semaphores(),
          elections: new Elections(),
          barriers: new Barriers(),
          queues: new Queues(),
        },
      }),
    ),
  );
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  [ann, bob] = await Promise.all([connect(addresses), connect(addresses)]);
});

afterEach(() => Promise.all([ann.close(), bob.close()]));

const codeOf = (thrown: unknown): string => DecoraftError.from(thrown).code;

describe('a lock', () => {
  it('of a process that is killed is released when its session ends, and the next in the line has a greater token', async () => {
    const holder = spawn(process.execPath, [HOLDER, JSON.stringify(addresses), 'printer'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(holder.stdout, 'data')) as [Buffer];
    const token = Number(/^token (\d+)/.exec(said.toString())?.[1]);
    expect(token).toBeGreaterThan(0);
    const lock = new Lock(ann, 'locks', 'printer');
    expect(await lock.tryAcquire()).toBeUndefined();
    const waiting = lock.acquire();
    holder.kill('SIGKILL');
    const held = await waiting;
    expect(held.token).toBeGreaterThan(token);
    expect(await lock.holder()).toMatchObject({ token: held.token });
    expect(await held.release()).toBe(true);
  });

  it('is given up in time and by a signal, and what was given up is taken back', async () => {
    const [hers, his] = [new Lock(ann, 'locks', 'a'), new Lock(bob, 'locks', 'a')];
    const held = await hers.acquire();
    expect(codeOf(await his.acquire({ waitMs: 50 }).catch((error: unknown) => error))).toBe(
      'DeadlineExceeded',
    );
    const end = new AbortController();
    const waiting = his.acquire({ signal: end.signal });
    end.abort(new Error('no longer'));
    await expect(waiting).rejects.toThrow('no longer');
    await held.release();
    // Nobody is in the way: neither who gave up, nor who came later.
    await using again = await hers.acquire({ waitMs: 30_000 });
    expect(again.token).toBeGreaterThan(held.token);
    await expect(hers.acquire({ waitMs: -1 })).rejects.toThrow('waitMs is -1');
  });

  it('is lost when its client is closed: who had it hears so, and who waits has it', async () => {
    const held = await new Lock(ann, 'locks', 'a').acquire();
    const lock = new Lock(bob, 'locks', 'a');
    const waiting = lock.acquire();
    await until('Bob waits', async () => (await lock.waiting()) === 1);
    await ann.close();
    expect(held.signal.aborted).toBe(true);
    expect(codeOf(held.signal.reason)).toBe('Cancelled');
    expect(await held.release()).toBe(false);
    await using next = await waiting;
    expect(next.token).toBeGreaterThan(held.token);
  });

  it('says by its name that the nodes have no such machine', async () => {
    await expect(new Lock(ann, 'nothing', 'a').acquire()).rejects.toMatchObject({ code: 'NotFound' });
  });
});

it('a semaphore has as many permits as the first to come says, until somebody says another number', async () => {
  const hers = new Semaphore(ann, 'semaphores', 'a', { permits: 2 });
  const his = new Semaphore(bob, 'semaphores', 'a', { permits: 7 });
  const two = await hers.acquire({ permits: 2 });
  expect(await his.tryAcquire()).toBeUndefined();
  await his.setPermits(3);
  await using third = await his.acquire();
  expect(await hers.state()).toEqual({ permits: 3, used: 3, waiting: 0 });
  await expect(his.acquire({ permits: 4 })).rejects.toMatchObject({ code: 'InvalidArgument' });
  expect(third.token).toBeGreaterThan(two.token);
  await two.release();
});

it('who wins an election is known to all by its value, and who waited follows', async () => {
  const [hers, his] = [new LeaderElection(ann, 'elections', 'a'), new LeaderElection(bob, 'elections', 'a')];
  const changes = his.onLeaderChanged();
  await changes.ready;
  const first = await hers.campaign({ value: 'ann:1' });
  const waiting = his.campaign({ value: 'bob:1' });
  await until('Bob is a candidate', async () => (await hers.candidates()) === 1);
  await first.proclaim('ann:2');
  expect(await his.leader()).toMatchObject({ term: first.term, value: 'ann:2' });
  await first.resign();
  const second = await waiting;
  await expect(first.proclaim('ann:3')).rejects.toMatchObject({ code: 'SessionExpired' });
  await second.resign();
  const seen: unknown[] = [];
  for await (const change of changes) {
    seen.push(change.kind === 'led' ? [change.leader.term, change.leader.value] : change.kind);
    if (change.kind === 'vacant') break;
  }
  expect(seen).toEqual([[first.term, 'ann:1'], [first.term, 'ann:2'], [second.term, 'bob:1'], 'vacant']);
});

it('a barrier opens and closes for all together, and breaks when the client of one of them goes', async () => {
  const [hers, his] = [ann, bob].map((one) => new Barrier(one, 'barriers', 'a', { parties: 2 }));
  if (!hers || !his) throw new Error('two of them');
  const [one, other] = await Promise.all([hers.wait(), his.wait()]);
  expect(one).toBe(other);
  const [first, second] = await Promise.all([hers.enter(), his.enter()]);
  expect(first.generation).toBe(second.generation);
  expect(first.generation).toBeGreaterThan(one);
  await Promise.all([first.leave(), second.leave()]);
  const [third] = await Promise.all([hers.enter(), his.enter()]);
  const leaving = third.leave();
  await bob.close();
  await expect(leaving).rejects.toBeInstanceOf(BrokenBarrier);
  expect(third.signal.reason).toBeInstanceOf(BrokenBarrier);
});

it('a queue hands an item to who waits, and to the next one when its receiver has gone', async () => {
  const [hers, his] = [new Queue<string>(ann, 'queues', 'a'), new Queue<string>(bob, 'queues', 'a')];
  const waiting = his.receive({ waitMs: 60_000, visibilityMs: 600_000 });
  await hers.enqueue('first');
  const [delivery] = await waiting;
  expect(delivery).toMatchObject({ item: 'first', attempts: 1 });
  expect(await hers.receive()).toEqual([]);
  expect(await hers.receive({ waitMs: 50 })).toEqual([]);
  await bob.close();
  const [again] = await hers.receive({ waitMs: 60_000 });
  expect(again).toMatchObject({ item: 'first', attempts: 2 });
  await expect(hers.acknowledge(delivery?.receipt ?? 0)).rejects.toMatchObject({ name: 'StaleReceipt' });
  await again?.acknowledge();
});
