import type { Logger } from '@decoraft/base';
import { DecoraftError, type Observed } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster, type VirtualOptions } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
const logged: { readonly level: string; readonly message: string; readonly reason: unknown }[] = [];
const logger: Logger = {
  log: (level, message, fields) => void logged.push({ level, message, reason: fields?.['reason'] }),
};

let cluster: VirtualCluster;
/** A node that nobody reaches, and that reaches nobody. */
let lonely: string | undefined;

/** @param id `undefined` lets all reach all again. */
function cutOff(id: string | undefined): void {
  lonely = id;
  for (const each of IDS) cluster.network.sever(cluster.address(each));
}

const dialer: VirtualOptions['dialer'] = (id, network) => ({
  dial: (address, events, options) =>
    lonely !== undefined && (id === lonely || address === cluster.address(lonely))
      ? Promise.reject(new DecoraftError('Unavailable', 'cut off'))
      : network.dial(address, events, options),
});

beforeEach(async () => {
  logged.length = 0;
  lonely = undefined;
  const settings = { snapshotEntries: 50, snapshotTailEntries: 10 };
  cluster = new VirtualCluster(settings, { logger, dialer });
  for (const id of IDS) await cluster.startNode(id);
});

afterEach(() => cluster.close());

const upTo = (total: number): readonly number[] => Array.from({ length: total }, (_, at) => at + 1);
const valuesOf = (told: readonly Observed<number>[]): readonly number[] =>
  told.flatMap((one) => (one.kind === 'event' ? [one.value] : []));

/** What a node tells from now on. */
function observe(id: string): Observed<number>[] {
  const told: Observed<number>[] = [];
  cluster.node(id).observe(cluster.machine(id), 'onChanged', [], (observed) => told.push(observed));
  return told;
}

async function add(counter: CounterClient, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await cluster.during(counter.add(1));
}

describe('who observes in the process of a node', () => {
  it('is told of each event once and in order on every role, though nobody has subscribed', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const told = IDS.map(observe);
    await add(counter, 10);
    await cluster.during(cluster.node(await cluster.leader()).transferLeadership());
    await add(counter, 10);
    await cluster.until('all have heard all', () => told.every(({ length }) => length >= 20));
    for (const one of told) {
      expect(valuesOf(one)).toEqual(upTo(20));
      const indexes = one.map((observed) => (observed.kind === 'event' ? observed.position.index : 0));
      expect(indexes).toEqual(indexes.toSorted((left, right) => left - right));
    }
  });

  it('hears the same as a subscriber, and changes nothing of what the replicas have agreed on', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const [first] = IDS.map((id) => (id === 'a' ? observe(id) : []));
    const heard: number[] = [];
    await cluster.during(counter.onChanged((value) => heard.push(value)));
    await add(counter, 10);
    await cluster.until('both have heard', () => heard.length === 10 && first?.length === 10);
    expect(valuesOf(first ?? [])).toEqual(heard);
    const indexes = (): readonly number[] => IDS.map((id) => cluster.node(id).appliedIndex);
    await cluster.until('all have applied all', () => new Set(indexes()).size === 1);
    expect(new Set(IDS.map((id) => cluster.node(id).stateHash)).size).toBe(1);
  });

  it('is told of the gap where the state of another node took the place of entries', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await add(counter, 5);
    const leader = await cluster.leader();
    const late = IDS.find((id) => id !== leader) ?? 'a';
    const told = observe(late);
    await add(counter, 5);
    await cluster.until('it has heard', () => told.length === 5);
    const last = cluster.node(late).appliedIndex;
    cutOff(late);
    await cluster.during(Promise.all(upTo(200).map(() => counter.add(1))));
    await cluster.during(cluster.node(leader).takeSnapshot());
    cutOff(undefined);
    const { appliedIndex } = cluster.node(leader);
    await cluster.until('it has caught up', () => cluster.node(late).appliedIndex >= appliedIndex);
    await add(counter, 1);
    await cluster.until('it hears again', () => valuesOf(told).includes(211));
    const gaps = told.filter((observed) => observed.kind === 'gap');
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.after).toBeGreaterThanOrEqual(last);
    const through = gaps[0]?.through ?? 0;
    // All but what the gap covers is there, once and in order.
    const missing = upTo(211)
      .slice(5)
      .filter((value) => !valuesOf(told).includes(value));
    expect(valuesOf(told)).toEqual(valuesOf(told).toSorted((left, right) => left - right));
    expect(missing.length).toBeGreaterThan(0);
    const behind = told.slice(told.findIndex(({ kind }) => kind === 'gap') + 1);
    for (const one of behind) expect(one.kind === 'event' && one.position.index > through).toBe(true);
  });

  it('disturbs nobody by what it throws or rejects with: that is logged', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const raft = cluster.node('a');
    raft.observe('counter', 'onChanged', [], () => {
      throw new Error('thrown by a listener');
    });
    const rejects = (): unknown => Promise.reject(new Error('rejected by a listener'));
    raft.observe('counter', 'onChanged', [], rejects);
    const told = observe('a');
    await add(counter, 3);
    await cluster.until('it has heard', () => told.length === 3);
    expect(valuesOf(told)).toEqual([1, 2, 3]);
    const failures = logged.filter(({ message }) => message === 'a listener failed');
    expect(
      failures.map(({ reason }) => String(reason)).toSorted((left, right) => (left < right ? -1 : 1)),
    ).toEqual([
      ...Array.from({ length: 3 }, () => 'rejected by a listener'),
      ...Array.from({ length: 3 }, () => 'thrown by a listener'),
    ]);
  });

  it('hears nothing after it has ended it, nor after the node was closed', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const told: unknown[] = [];
    const stop = cluster.node('a').observe('counter', 'onChanged', [], (observed) => told.push(observed));
    await add(counter, 1);
    await cluster.until('it has heard', () => told.length === 1);
    stop();
    stop();
    const { appliedIndex } = cluster.node('a');
    await cluster.until('the other one is as far', () => cluster.node('b').appliedIndex >= appliedIndex);
    const onClosed = observe('b');
    await add(counter, 1);
    await cluster.until('it has heard', () => onClosed.length === 1);
    const closed = cluster.node('b');
    await cluster.closeNode('b');
    await add(counter, 3);
    expect([told.length, onClosed.length]).toEqual([1, 1]);
    const again = (): unknown => closed.observe('counter', 'onChanged', [], () => undefined);
    expect(again).toThrow('Unavailable: the node is closed');
  });

  it('is refused what is not registered, or does not fit', () => {
    const raft = cluster.node('a');
    const ignore = (): void => undefined;
    expect(() => raft.observe('other', 'onChanged', [], ignore)).toThrow('NotFound');
    expect(() => raft.observe('counter', 'add', [], ignore)).toThrow('Unimplemented');
    expect(() => raft.observe('counter', 'onChanged', [1], ignore)).toThrow('InvalidArgument');
    expect(() => raft.observe('counter', 'onChanged', [], 5 as never)).toThrow('InvalidArgument');
    for (const none of [null, undefined, 5]) {
      const words = `InvalidArgument: observe needs a machine, or its name, not ${String(none)}`;
      expect(() => raft.observe(none as never, 'onChanged', [], ignore)).toThrow(words);
    }
    raft.observe(cluster.machine('a'), 'onChanged', [], (observed) => {
      if (observed.kind === 'event') expectTypeOf(observed.value).toBeNumber();
    });
    // @ts-expect-error A command is no event.
    expect(() => raft.observe(cluster.machine('a'), 'add', [], ignore)).toThrow('Unimplemented');
  });
});
