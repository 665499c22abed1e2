import { CodedError, createDeferred, VirtualClock } from '@decoraft/base';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallContext, RemoteError, RpcError } from '../src/index.js';
import {
  bidirectionalStream,
  bytes,
  clientStream,
  echo,
  rejection,
  Rig,
  stream,
  turn,
  unary,
  until,
} from './support/rig.js';
import { transports } from './support/transports.js';

/** Items of a caller, which write down how far they were asked for and whether they were told that they may stop. */
function source(count: number, itemBytes = 1) {
  const seen = { produced: 0, hasCleanedUp: false };
  async function* produce(): AsyncIterable<Uint8Array> {
    try {
      while (seen.produced < count) yield new Uint8Array(itemBytes).fill(seen.produced++);
    } finally {
      seen.hasCleanedUp = true;
    }
  }
  return { seen, items: produce() };
}

/** Gives one item and then nothing more until it is told that it may stop; `return` is not a generator's, and comes at once. */
function stuck() {
  const seen = { returns: 0 };
  const stopped = createDeferred<IteratorResult<Uint8Array>>();
  let isFirst = true;
  const iterator: AsyncIterator<Uint8Array> = {
    next() {
      if (!isFirst) return stopped.promise;
      isFirst = false;
      return Promise.resolve({ done: false, value: bytes(1) });
    },
    return() {
      seen.returns += 1;
      stopped.resolve({ done: true, value: undefined });
      return stopped.promise;
    },
  };
  return { seen, items: { [Symbol.asyncIterator]: () => iterator } };
}

const sum = clientStream('sum', async (payload, payloads) => {
  let total = payload[0] ?? 0;
  for await (const [value = 0] of payloads) total += value;
  return bytes(total);
});

const double = bidirectionalStream('double', async function* (_, payloads) {
  for await (const [value = 0] of payloads) yield bytes(value * 2);
});

/** Reads one item and then waits for more until the items throw. */
function reader() {
  const seen = { contexts: [] as CallContext[], read: 0, thrown: undefined as unknown };
  const read = async (payloads: AsyncIterable<Uint8Array>, context: CallContext): Promise<void> => {
    seen.contexts.push(context);
    try {
      for await (const _ of payloads) seen.read += 1;
    } catch (thrown) {
      seen.thrown = thrown;
      throw thrown;
    }
  };
  const methods = [
    clientStream('read', async (_, payloads, context) => {
      await read(payloads, context);
      return bytes();
    }),
    bidirectionalStream('talk', async function* (_, payloads, context) {
      yield bytes(1);
      await read(payloads, context);
    }),
  ];
  return { methods, seen };
}

async function collect(items: AsyncIterable<Uint8Array>): Promise<number[]> {
  const values: number[] = [];
  for await (const [value = -1] of items) values.push(value);
  return values;
}

describe.each(transports)('items of a caller $name', ({ create }) => {
  test('reach the handler in order, after the payload, and their end as well', async () => {
    const seen: number[] = [];
    const method = clientStream('list', async ([first = 0], payloads) => {
      seen.push(first);
      for await (const [value = -1] of payloads) seen.push(value);
      return bytes(seen.length);
    });
    const rig = await Rig.start([method, sum], { transport: create() });
    expect(await rig.clientStream('list', source(200).items)).toEqual(bytes(201));
    expect(seen).toEqual([7, ...Array.from({ length: 200 }, (_, index) => index)]);
    expect(await rig.clientStream('sum', source(0).items)).toEqual(bytes(7));
  });

  test('are answered while they still come, either side at its own pace', async () => {
    const rig = await Rig.start([double], { transport: create() });
    const answered: number[] = [];
    const asked = (async function* () {
      for (let value = 1; value <= 100; value++) {
        yield bytes(value);
        // Not before the answer to this one: both halves are open at once.
        await until(() => answered.length === value);
      }
    })();
    for await (const [value = -1] of rig.bidirectionalStream('double', asked)) answered.push(value);
    expect(answered).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1) * 2));
  });

  test('of any sizes come whole and in order, whatever the windows', async () => {
    const repeat = bidirectionalStream('repeat', async function* (_, payloads) {
      yield* payloads;
    });
    const sizes = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 30 });
    const windowBytes = fc.constantFrom(1, 50, 1_000, 65_536);
    await fc.assert(
      fc.asyncProperty(
        sizes,
        windowBytes,
        windowBytes,
        async (lengths, callerWindowBytes, streamWindowBytes) => {
          const rig = await Rig.start([repeat], {
            transport: create(),
            serverLimits: { callerWindowBytes },
            clientLimits: { streamWindowBytes },
          });
          const given = lengths.map((length, index) => new Uint8Array(length).fill(index));
          const received: Uint8Array[] = [];
          const items = rig.bidirectionalStream(
            'repeat',
            (async function* () {
              yield* given;
            })(),
          );
          for await (const item of items) received.push(item.slice());
          expect(received).toEqual(given);
          rig.channel.close();
          await rig.server.close({ drainMs: 1 });
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a slow handler is never sent more than its window and one item, and delays no call', async () => {
    const itemBytes = 1_000;
    const windowBytes = 20_000;
    let read = 0;
    const permits: (() => void)[] = [];
    const slow = clientStream('slow', async (_, payloads) => {
      for await (const item of payloads) {
        read += item.length / itemBytes;
        await new Promise<void>((resolve) => void permits.push(resolve));
      }
      return bytes(read);
    });
    const rig = await Rig.start([slow, echo], {
      transport: create(),
      serverLimits: { callerWindowBytes: windowBytes },
    });
    const { items, seen } = source(100, itemBytes);
    const done = rig.clientStream('slow', items);
    const windowItems = Math.ceil(windowBytes / (itemBytes + 16));
    for (let turns = 1; turns <= 100; turns++) {
      await until(() => permits.length === 1);
      await rig.call('echo');
      await turn();
      expect(seen.produced - read).toBeLessThanOrEqual(windowItems);
      permits.pop()?.();
    }
    expect(await done).toEqual(bytes(100));
  });

  test('an item larger than the window passes, while there is room for it, and is Overloaded otherwise', async () => {
    const limits = { callerWindowBytes: 100, maxInFlightBytes: 250_000 };
    const sizes = clientStream('sizes', async (_, payloads) => {
      let total = 0;
      for await (const item of payloads) total += item.length;
      return bytes(total / 100_000);
    });
    const rig = await Rig.start([sizes, echo], { transport: create(), serverLimits: limits });
    expect(await rig.clientStream('sizes', source(20, 100_000).items)).toEqual(bytes(20));
    const { items, seen } = source(5, 300_000);
    expect(await rejection(rig.clientStream('sizes', items))).toMatchObject({ code: 'Overloaded' });
    await until(() => seen.hasCleanedUp);
    // What was taken is free again.
    expect(await rig.clientStream('sizes', source(20, 100_000).items)).toEqual(bytes(20));
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('a handler that answers early stops them, and the connection goes on', async () => {
    const first = clientStream('first', async (_, payloads) => {
      for await (const item of payloads) return item;
      return bytes();
    });
    const rig = await Rig.start([first, sum], { transport: create() });
    for (let round = 0; round < 20; round++) {
      const { items, seen } = source(Infinity, 100);
      expect((await rig.clientStream('first', items))[0]).toBe(0);
      await until(() => seen.hasCleanedUp, 'the return of the items');
    }
    const { items, seen } = stuck();
    expect(await rig.clientStream('first', items)).toEqual(bytes(1));
    await until(() => seen.returns === 1);
    expect(await rig.clientStream('sum', source(3).items)).toEqual(bytes(10));
  });

  test('a stream that ends early stops them, and the connection goes on', async () => {
    const three = bidirectionalStream('three', async function* (_, payloads) {
      let left = 3;
      for await (const item of payloads) {
        yield item;
        if (--left === 0) return;
      }
    });
    const rig = await Rig.start([three, sum], { transport: create() });
    const { items, seen } = source(Infinity, 100);
    expect(await collect(rig.bidirectionalStream('three', items))).toEqual([0, 1, 2]);
    await until(() => seen.hasCleanedUp, 'the return of the items');
    expect(await rig.clientStream('sum', source(3).items)).toEqual(bytes(10));
  });

  test('a handler that fails stops them, and its error arrives', async () => {
    const fails = clientStream('fails', async (_, payloads) => {
      for await (const item of payloads) {
        throw new CodedError('SoldOut', 'nothing left', { data: item.length + 2 });
      }
      return bytes();
    });
    const throws = bidirectionalStream('throws', () => {
      throw new CodedError('SoldOut', 'nothing left');
    });
    const rig = await Rig.start([fails, throws], { transport: create() });
    const { items, seen } = source(Infinity);
    const error = await rejection(rig.clientStream('fails', items));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 'SoldOut', data: 3 });
    await until(() => seen.hasCleanedUp);
    const other = stuck();
    expect(await rejection(collect(rig.bidirectionalStream('throws', other.items)))).toMatchObject({
      code: 'SoldOut',
    });
    await until(() => other.seen.returns === 1);
  });

  test('items that throw cancel the call, which is rejected in their words', async () => {
    const { methods, seen } = reader();
    const rig = await Rig.start([...methods, echo], { transport: create() });
    const failing = async function* () {
      yield bytes(1);
      throw new Error('the file cannot be read');
    };
    for (const call of [
      rig.clientStream('read', failing()),
      collect(rig.bidirectionalStream('talk', failing())),
    ]) {
      const error = await rejection(call);
      expect(error).toBeInstanceOf(RpcError);
      expect(error).toMatchObject({
        code: 'Cancelled',
        message: 'Cancelled: the file cannot be read',
        sent: true,
      });
      expect((error as RpcError).cause).toMatchObject({ message: 'the file cannot be read' });
    }
    await until(() => seen.contexts.length === 2 && seen.contexts.every(({ signal }) => signal.aborted));
    await until(() => seen.thrown !== undefined);
    expect(seen.thrown).toMatchObject({ code: 'Cancelled' });
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('an item that is too large or none at all is InvalidArgument, and the connection goes on', async () => {
    const { methods } = reader();
    const rig = await Rig.start([...methods, echo], {
      transport: create(),
      serverLimits: { maxMessageBytes: 1_000 },
    });
    expect(await rejection(rig.clientStream('read', source(1, 969).items))).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('an item of 969 bytes'),
    });
    const none = (async function* () {
      yield 'text' as unknown as Uint8Array;
    })();
    expect(await rejection(rig.clientStream('read', none))).toMatchObject({ code: 'InvalidArgument' });
    expect(await rig.clientStream('read', source(3, 968).items)).toEqual(bytes());
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('leaving the loop over the answers stops them on both sides', async () => {
    const { methods, seen } = reader();
    const rig = await Rig.start([...methods, echo], { transport: create() });
    const { items, seen: given } = stuck();
    for await (const _ of rig.bidirectionalStream('talk', items)) break;
    await until(() => given.returns === 1);
    await until(() => seen.contexts.every(({ signal }) => signal.aborted));
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test.each(['read', 'talk'] as const)('the deadline of %s ends it on both sides', async (name) => {
    const clock = new VirtualClock();
    const { methods, seen } = reader();
    const rig = await Rig.start(methods, { transport: create(), clock });
    const { items, seen: given } = stuck();
    const failing = rejection(
      name === 'read'
        ? rig.clientStream(name, items, { timeoutMs: 50 })
        : collect(rig.bidirectionalStream(name, items, { timeoutMs: 50 })),
    );
    await until(() => seen.read === 1);
    clock.advance(50);
    expect(await failing).toMatchObject({ code: 'DeadlineExceeded', sent: true });
    expect(seen.contexts[0]?.signal.aborted).toBe(true);
    await until(() => given.returns === 1 && seen.thrown !== undefined);
    expect(seen.thrown).toMatchObject({ code: 'DeadlineExceeded' });
  });

  test.each(['read', 'talk'] as const)('the signal of %s ends it on both sides', async (name) => {
    const { methods, seen } = reader();
    const rig = await Rig.start(methods, { transport: create() });
    const { items, seen: given } = stuck();
    const { signal, ...controller } = aborter();
    const failing = rejection(
      name === 'read'
        ? rig.clientStream(name, items, { signal })
        : collect(rig.bidirectionalStream(name, items, { signal })),
    );
    await until(() => seen.read === 1);
    controller.abort();
    expect(await failing).toMatchObject({ code: 'Cancelled', sent: true });
    await until(() => given.returns === 1 && seen.contexts[0]?.signal.aborted);
    await until(() => seen.thrown !== undefined);
    expect(seen.thrown).toMatchObject({ code: 'Cancelled' });
  });

  test.each(['read', 'talk'] as const)('the end of the connection ends %s on both sides', async (name) => {
    const { methods, seen } = reader();
    const rig = await Rig.start(methods, { transport: create() });
    const { items, seen: given } = stuck();
    const failing = rejection(
      name === 'read' ? rig.clientStream(name, items) : collect(rig.bidirectionalStream(name, items)),
    );
    await until(() => seen.read === 1);
    rig.channel.close();
    expect(await failing).toMatchObject({ code: 'Unavailable', sent: true });
    await until(() => given.returns === 1 && seen.contexts[0]?.signal.aborted);
    await until(() => seen.thrown !== undefined);
  });

  test.each(['read', 'talk'] as const)(
    'a server that removes the service or closes ends %s with Unavailable',
    async (name) => {
      for (const end of [
        (rig: Rig) => rig.server.unregister('test'),
        (rig: Rig) => void rig.server.close(),
      ]) {
        const { methods, seen } = reader();
        const rig = await Rig.start(methods, { transport: create() });
        const { items, seen: given } = stuck();
        const failing = rejection(
          name === 'read' ? rig.clientStream(name, items) : collect(rig.bidirectionalStream(name, items)),
        );
        await until(() => seen.read === 1);
        end(rig);
        expect(await failing).toMatchObject({ code: 'Unavailable' });
        await until(() => given.returns === 1 && seen.thrown !== undefined);
      }
    },
  );

  test('a request of theirs counts among the streams: one too many is Overloaded, and a place is free again', async () => {
    const { methods } = reader();
    const rig = await Rig.start([...methods, sum], { transport: create(), serverLimits: { maxStreams: 2 } });
    const controller = aborter();
    const held = [
      rig.clientStream('read', stuck().items, controller),
      rig.clientStream('read', stuck().items, controller),
    ];
    const { items, seen } = source(1);
    expect(await rejection(rig.clientStream('sum', items))).toMatchObject({
      code: 'Overloaded',
      sent: false,
    });
    expect(seen.produced).toBe(0);
    const ended = Promise.allSettled(held);
    controller.abort();
    await ended;
    expect(await rig.clientStream('sum', source(3).items)).toEqual(bytes(10));
  });

  test('a method is called as what it is', async () => {
    const methods = [sum, double, unary('one', () => bytes()), stream('many', async function* () {})];
    const rig = await Rig.start(methods, { transport: create() });
    const refusals = await Promise.all(
      [
        rig.call('sum'),
        collect(rig.stream('double')),
        rig.clientStream('double', source(1).items),
        collect(rig.bidirectionalStream('sum', source(1).items)),
        rig.clientStream('one', source(1).items),
        collect(rig.bidirectionalStream('many', source(1).items)),
        rig.clientStream('none', source(0).items),
      ].map(rejection),
    );
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'Unimplemented', sent: false });
    expect(await rig.clientStream('sum', source(3).items)).toEqual(bytes(10));
  });

  test('a thousand calls with items on one connection, many at once, all end', async () => {
    const rig = await Rig.start([sum, double], { transport: create() });
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      index % 2 === 0
        ? rig.clientStream('sum', source(4).items).then((reply) => [...reply])
        : collect(rig.bidirectionalStream('double', source(4).items)),
    );
    const answers = await Promise.all(calls);
    answers.forEach((answer, index) => expect(answer).toEqual(index % 2 === 0 ? [13] : [0, 2, 4, 6]));
  });
});

function aborter(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
