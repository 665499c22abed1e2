import {
  compareEventPositions,
  type EventPosition,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Subscription, Topic } from '../src/topic.js';

const at = (index: number, ordinal = 0): EventPosition => ({ index, ordinal });
const bytes = (length: number): Uint8Array => new Uint8Array(length);
const show = ({ pending }: Subscription): readonly string[] =>
  pending.map(({ position, value }) => `${position.index}.${position.ordinal}:${value.length}`);

let nextId = 1;
const join = (topic: Topic): Subscription => topic.subscribe(nextId++ as SubscriptionId, 1 as SessionId);

interface Naive {
  readonly subscription: Subscription;
  pending: { readonly position: EventPosition; readonly value: Uint8Array }[];
}

describe('a topic', () => {
  it('is for each subscriber the list of its own that it stands for, whatever happens', () => {
    const step = fc.record({
      kind: fc.constantFrom('publish', 'publish', 'acknowledge', 'acknowledge', 'join', 'leave', 'trim'),
      who: fc.nat(7),
      place: fc.nat(40),
      length: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const topic = new Topic('1/2/');
        const naive: Naive[] = [];
        let index = 1;
        for (const { kind, length, place, who } of steps) {
          const one = naive[who % Math.max(naive.length, 1)];
          if (kind === 'publish') {
            const position = at((index += place % 2), place);
            const last = naive.flatMap(({ pending }) => pending).map((event) => event.position);
            if (last.some((other) => compareEventPositions(other, position) >= 0)) continue;
            topic.publish(position, bytes(length));
            for (const { pending } of naive) pending.push({ position, value: bytes(length) });
          } else if (kind === 'join') {
            naive.push({ subscription: join(topic), pending: [] });
          } else if (kind === 'trim') {
            topic.trim();
          } else if (one && kind === 'acknowledge') {
            const position = at(place, 20);
            topic.acknowledge(one.subscription, position);
            one.pending = one.pending.filter((event) => compareEventPositions(event.position, position) > 0);
          } else if (one) {
            topic.unsubscribe(one.subscription);
            naive.splice(naive.indexOf(one), 1);
          }
          for (const { pending, subscription } of naive) {
            expect(show(subscription)).toEqual(
              pending.map(({ position, value }) => `${position.index}.${position.ordinal}:${value.length}`),
            );
            expect(subscription.pendingCount).toBe(pending.length);
            expect(subscription.pendingBytes).toBe(pending.reduce((sum, { value }) => sum + value.length, 0));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps no event that all have seen, one subscriber or many', () => {
    for (const count of [1, 3, 100]) {
      const topic = new Topic('1/2/');
      const all = Array.from({ length: count }, () => join(topic));
      for (let index = 1; index <= 1_000; index++) {
        topic.publish(at(index), bytes(10));
        for (const one of all) topic.acknowledge(one, at(index));
        expect(topic.count).toBe(0);
        expect(topic.bytes).toBe(0);
      }
    }
  });

  it('has the bytes of an event once, for all of its subscribers', () => {
    const topic = new Topic('1/2/');
    const all = Array.from({ length: 10 }, () => join(topic));
    topic.publish(at(1), bytes(10));
    expect(new Set(all.map(({ pending }) => pending[0]?.body)).size).toBe(1);
  });
});

describe('the work of a topic', () => {
  /** How often something was looked at, which is a count and not a time. */
  function countLooks(topic: Topic, run: () => void): number {
    let looks = 0;
    for (const subscription of topic.subscriptions) {
      let { seen } = subscription;
      Object.defineProperty(subscription, 'seen', {
        get: () => {
          looks++;
          return seen;
        },
        set: (value: number) => {
          seen = value;
        },
      });
    }
    run();
    return looks;
  }

  it('to publish does not grow with the number of subscribers', () => {
    const topic = new Topic('1/2/');
    for (let count = 0; count < 1_000; count++) join(topic);
    const looks = countLooks(topic, () => {
      for (let index = 1; index <= 100; index++) topic.publish(at(index), bytes(1));
    });
    expect(looks).toBe(0);
  });

  it('to acknowledge grows with the acknowledgements, not with subscribers or waiting events', () => {
    const topic = new Topic('1/2/');
    const all = Array.from({ length: 1_000 }, () => join(topic));
    for (let index = 1; index <= 10_000; index++) topic.publish(at(index), bytes(1));
    const looks = countLooks(topic, () => {
      for (let index = 1; index <= 10; index++) for (const one of all) topic.acknowledge(one, at(index));
    });
    expect(looks).toBeLessThan(4 * 10 * 1_000);
  });
});
