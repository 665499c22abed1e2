import { seededRandom } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { Room, type RoomLimits } from '../src/room.js';

const LIMITS: RoomLimits = { maxCount: 12, maxBytes: 1_200, maxClientCount: 100, maxClientBytes: 10_000 };

/** Each asks in turn, over and over, until nobody gets any more. @returns How much each of them holds. */
function fill(room: Room, clients: readonly number[], bytes = 1): readonly number[] {
  const held = clients.map(() => 0);
  for (let isAny = true; isAny;) {
    isAny = false;
    for (const [at, client] of clients.entries()) {
      if (!room.tryEnter(client, bytes)) continue;
      held[at] = (held[at] ?? 0) + 1;
      isAny = true;
    }
  }
  return held;
}

describe('clients that want all of a room get', () => {
  it.each([
    ['one: half of it', 1, [6]],
    ['two: a third each', 2, [4, 4]],
    ['three: a quarter each', 3, [3, 3, 3]],
    ['five: a sixth each', 5, [2, 2, 2, 2, 2]],
    ['eleven: a twelfth each', 11, Array.from({ length: 11 }, () => 1)],
  ])('%s', (_, count, held) => {
    const clients = Array.from({ length: count }, (__, at) => at);
    expect(fill(new Room(LIMITS), clients)).toEqual(held);
    expect(fill(new Room({ ...LIMITS, maxCount: 10_000 }), clients, 100)).toEqual(held);
  });
});

describe('a client that comes later', () => {
  it('finds room beside any number of those that took all they could, up to the limit of the node', () => {
    const room = new Room({ ...LIMITS, maxCount: 1_000 });
    for (let client = 0; client < 6; client++) {
      fill(room, [client]);
      expect(room.tryEnter(100 + client, 1)).toBe(true);
    }
  });

  it('holds no more than its own limits, however much is free', () => {
    expect(fill(new Room({ ...LIMITS, maxClientCount: 2 }), [1, 2, 3])).toEqual([2, 2, 2]);
    expect(fill(new Room({ ...LIMITS, maxClientBytes: 300 }), [1], 100)).toEqual([3]);
  });

  it('has no limits of its own when it passes on what many asked for', () => {
    const room = new Room({ ...LIMITS, maxClientCount: 2, maxClientBytes: 2 });
    let held = 0;
    while (room.tryEnter(1, 1, { isMany: true })) held += 1;
    expect(held).toBe(6);
  });
});

it('a room that is smaller at the moment is shared in the same way', () => {
  const room = new Room(LIMITS);
  const atMost = { count: 4, bytes: 1_000 };
  const held = [1, 2].map((client) => [1, 2, 3].filter(() => room.tryEnter(client, 1, { atMost })).length);
  expect(held).toEqual([2, 1]);
  expect(room.tryEnter(1, 1)).toBe(true);
});

it('one thing of any size is taken where nothing waits, and only there', () => {
  const room = new Room(LIMITS);
  expect(room.tryEnter(1, 1_000_000)).toBe(true);
  expect(room.tryEnter(2, 1)).toBe(false);
  room.leave(1, 1_000_000);
  expect(room.tryEnter(2, 1)).toBe(true);
  expect(room.tryEnter(1, 1_000_000)).toBe(false);
});

it('a room that is left is as it was, and never holds more than its limits (random input)', () => {
  const random = seededRandom(5);
  const upTo = (most: number): number => Math.floor(random() * most);
  const room = new Room(LIMITS);
  const inside: { readonly client: number; readonly bytes: number }[] = [];
  const sum = (of: typeof inside): number => of.reduce((total, { bytes }) => total + bytes, 0);
  for (let step = 0; step < 5_000; step++) {
    const isLeaving = random() < 0.45;
    if (isLeaving) {
      const [left] = inside.splice(upTo(inside.length), 1);
      if (left) room.leave(left.client, left.bytes);
    } else {
      const [client, bytes] = [upTo(5), upTo(300)];
      const own = inside.filter((one) => one.client === client);
      const free = { count: LIMITS.maxCount - inside.length, bytes: LIMITS.maxBytes - sum(inside) };
      const isWithinShare = own.length < free.count && sum(own) + bytes <= free.bytes;
      const isExpected = inside.length === 0 || isWithinShare;
      expect(room.tryEnter(client, bytes)).toBe(isExpected);
      if (isExpected) inside.push({ client, bytes });
    }
    expect([room.count, room.bytes]).toEqual([inside.length, sum(inside)]);
  }
  for (const { bytes, client } of inside) room.leave(client, bytes);
  expect([room.count, room.bytes]).toEqual([0, 0]);
});
