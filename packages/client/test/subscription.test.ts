import { DecoraftError, type EventPosition } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SubscriptionStatus } from '../src/index.js';
import { ClientSubscription, unsubscribeOf } from '../src/subscription.js';

const at = (index: number, ordinal = 0): EventPosition => ({ index, ordinal });
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const overflow = new DecoraftError('SubscriptionOverflow', 'too slow');

let subscription: ClientSubscription;
let heard: unknown[];
let reported: unknown[];
let resumed: number;
let urgent: number;

beforeEach(() => {
  heard = [];
  reported = [];
  resumed = 0;
  urgent = 0;
  subscription = new ClientSubscription({
    unsubscribe: () => Promise.resolve(),
    resume: () => void resumed++,
    report: (thrown) => void reported.push(thrown),
    consumed: (consumer, isMuch) => {
      if (!isMuch) return;
      urgent++;
      consumer.told();
    },
  });
  subscription.registered(7 as never);
});

const push = (position: EventPosition, value: unknown, bytes = 1): void =>
  subscription.push({ position, bytes, value: () => value });
const listen = (): void => void subscription.deliverTo((value) => heard.push(value));

describe('a subscriber (C41)', () => {
  it('is told each event once, however often a new leader sends it again', async () => {
    listen();
    for (const position of [at(3), at(3, 1), at(3), at(3, 1), at(5), at(4)]) {
      push(position, `${position.index}.${position.ordinal}`);
    }
    await nextTurn();
    expect(heard).toEqual(['3.0', '3.1', '5.0']);
    expect([subscription.received, subscription.consumed]).toEqual([at(5), at(5)]);
  });

  it('leaves with the cluster what it has no room for, without a gap, and asks for it again', async () => {
    const total = 5_000;
    const sendFrom = (first: number): void => {
      for (let index = first; index <= total; index++) push(at(index), index);
    };
    sendFrom(1);
    const kept = subscription.received.index;
    expect(kept).toBeLessThan(total);
    listen();
    await nextTurn();
    expect(heard).toHaveLength(kept);
    expect(resumed).toBe(1);
    sendFrom(kept + 1);
    await nextTurn();
    expect(heard).toEqual(Array.from({ length: total }, (_, number) => number + 1));
  });

  it('that was too slow hears what came before the end, and then why it is over', async () => {
    push(at(1), 'a');
    push(at(2), 'b');
    subscription.end(overflow);
    push(at(3), 'after the end');
    const reading = (async () => {
      for await (const value of subscription) heard.push(value);
    })();
    await expect(reading).rejects.toBe(overflow);
    expect(heard).toEqual(['a', 'b']);
    expect(await subscription.ended).toBe(overflow);
  });

  it('that is in no hurry is given one at a time, and has consumed what it came back from', async () => {
    for (let index = 1; index <= 3; index++) push(at(index), index);
    const loop = subscription[Symbol.asyncIterator]();
    expect((await loop.next()).value).toBe(1);
    expect([subscription.consumed.index, subscription.received.index]).toEqual([0, 3]);
    expect((await loop.next()).value).toBe(2);
    expect(subscription.consumed).toEqual(at(1));
    await loop.return();
    expect(subscription.consumed).toEqual(at(1));
    expect(subscription.status).toEqual({ kind: 'ended', reason: undefined });
  });

  it('has the cluster hear at once when it has consumed much, in events or in bytes', async () => {
    listen();
    for (let index = 1; index <= 255; index++) push(at(index), index);
    await nextTurn();
    expect(urgent).toBe(0);
    push(at(256), 256);
    await nextTurn();
    expect(urgent).toBe(1);
    push(at(257), 'large', 256 * 1024);
    await nextTurn();
    expect(urgent).toBe(2);
  });
});

describe('what a callback throws', () => {
  it('is reported, and disturbs no delivery', async () => {
    const failures = [new Error('thrown'), new Error('rejected')];
    void subscription.deliverTo((value) => {
      heard.push(value);
      if (value === 1) throw failures[0];
      return value === 2 ? Promise.reject(failures[1]) : undefined;
    });
    for (let index = 1; index <= 4; index++) push(at(index), index);
    await nextTurn();
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(reported).toEqual(failures);
    expect(subscription.consumed).toEqual(at(4));
  });
});

describe('the status of a subscription', () => {
  const kinds = (told: readonly SubscriptionStatus[]): readonly string[] => told.map(({ kind }) => kind);

  it('says whether somebody sends, and at last why it has ended; in both forms', () => {
    const stop = unsubscribeOf(subscription);
    const told: SubscriptionStatus[] = [];
    stop.onStatusChanged((status) => told.push(status));
    expect([subscription.status, stop.status]).toEqual([{ kind: 'resuming' }, { kind: 'resuming' }]);
    for (const isLive of [true, true, false, false, true]) subscription.becomeLive(isLive);
    subscription.end(overflow);
    subscription.becomeLive(true);
    expect(kinds(told)).toEqual(['live', 'resuming', 'live', 'ended']);
    expect(stop.status).toEqual({ kind: 'ended', reason: overflow });
    expect(subscription.status).toBe(stop.status);
  });

  it('is told to nobody who has left, and whoever throws disturbs nobody', () => {
    const told: SubscriptionStatus[] = [];
    const failure = new Error('a listener');
    const leave = subscription.onStatusChanged((status) => told.push(status));
    subscription.onStatusChanged(() => {
      throw failure;
    });
    subscription.becomeLive(true);
    leave();
    subscription.becomeLive(false);
    expect(kinds(told)).toEqual(['live']);
    expect(reported).toEqual([failure, failure]);
  });

  it('is a loop that begins with what is, shows the last to who is late, and ends with the end', async () => {
    const told: SubscriptionStatus[] = [];
    const reading = (async () => {
      for await (const status of subscription.statusChanges()) told.push(status);
    })();
    await nextTurn();
    subscription.becomeLive(true);
    await nextTurn();
    subscription.becomeLive(false);
    subscription.becomeLive(true);
    await subscription.close();
    await reading;
    expect(kinds(told)).toEqual(['resuming', 'live', 'ended']);
  });

  it('is a loop that a signal ends', async () => {
    const giveUp = new AbortController();
    const reading = (async () => {
      for await (const _ of unsubscribeOf(subscription).statusChanges({ signal: giveUp.signal })) void _;
    })();
    await nextTurn();
    giveUp.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

it('two loops over one subscription share its events, and neither is left waiting', async () => {
  const [one, two] = [subscription[Symbol.asyncIterator](), subscription[Symbol.asyncIterator]()];
  const nexts = [one.next(), two.next()];
  await nextTurn();
  push(at(1), 'a');
  push(at(2), 'b');
  const values = (await Promise.all(nexts)).map(({ value }) => String(value));
  expect(new Set(values)).toEqual(new Set(['a', 'b']));
});
