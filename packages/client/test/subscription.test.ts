import { DecoraftError, type EventPosition } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClientSubscription } from '../src/subscription.js';

const at = (index: number, ordinal = 0): EventPosition => ({ index, ordinal });
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

let subscription: ClientSubscription;
let heard: unknown[];
let resumed: number;

beforeEach(() => {
  heard = [];
  resumed = 0;
  subscription = new ClientSubscription({
    unsubscribe: () => Promise.resolve(),
    resume: () => void resumed++,
  });
  subscription.registered(7 as never);
});

const listen = (): void => void subscription.deliverTo((value) => heard.push(value));

describe('a subscriber (C41)', () => {
  it('is told each event once, however often a new leader sends it again', async () => {
    listen();
    for (const position of [at(3), at(3, 1), at(3), at(3, 1), at(5), at(4)]) {
      subscription.push(position, `${position.index}.${position.ordinal}`);
    }
    await nextTurn();
    expect(heard).toEqual(['3.0', '3.1', '5.0']);
    expect([subscription.received, subscription.consumed]).toEqual([at(5), at(5)]);
  });

  it('leaves with the cluster what it has no room for, without a gap, and asks for it again', async () => {
    const total = 5_000;
    const sendFrom = (first: number): void => {
      for (let index = first; index <= total; index++) subscription.push(at(index), index);
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
    const overflow = new DecoraftError('SubscriptionOverflow', 'too slow');
    subscription.push(at(1), 'a');
    subscription.push(at(2), 'b');
    subscription.end(overflow);
    subscription.push(at(3), 'after the end');
    const reading = (async () => {
      for await (const value of subscription) heard.push(value);
    })();
    await expect(reading).rejects.toBe(overflow);
    expect(heard).toEqual(['a', 'b']);
    expect(await subscription.ended).toBe(overflow);
  });
});
