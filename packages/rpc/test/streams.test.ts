import { CodedError, createDeferred, VirtualClock } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import { type CallContext, RemoteError } from '../src/index.js';
import { bytes, echo, rejection, Rig, stream, turn, until } from './support/rig.js';
import { transports } from './support/transports.js';

/** Counts up for ever, and writes down how far it was asked to and how it ended. */
function counter(itemBytes = 1) {
  const seen = { produced: 0, hasCleanedUp: false, context: undefined as CallContext | undefined };
  const method = stream('count', async function* (_, context) {
    seen.context = context;
    try {
      for (;;) yield new Uint8Array(itemBytes).fill(seen.produced++);
    } finally {
      seen.hasCleanedUp = true;
    }
  });
  return { method, seen };
}

/** Gives nothing until it is told to stop. */
function silent() {
  const seen = { contexts: [] as CallContext[] };
  const method = stream('wait', async function* (_, context) {
    seen.contexts.push(context);
    const stopped = createDeferred<void>();
    context.signal.addEventListener('abort', () => stopped.resolve());
    await stopped.promise;
    yield bytes(99);
  });
  return { method, seen };
}

async function collect(items: AsyncIterable<Uint8Array>): Promise<number[]> {
  const values: number[] = [];
  for await (const [value = -1] of items) values.push(value);
  return values;
}

describe.each(transports)('a stream $name', ({ create }) => {
  test('gives its items in order, and ends', async () => {
    const method = stream('list', async function* ([count = 0]) {
      for (let index = 0; index < count; index++) yield bytes(index);
    });
    const rig = await Rig.start([method], { transport: create() });
    expect(await collect(rig.stream('list', bytes(200)))).toEqual(
      Array.from({ length: 200 }, (_, index) => index),
    );
    expect(await collect(rig.stream('list', bytes(0)))).toEqual([]);
  });

  test('is a call of its own for each loop over it, and none before', async () => {
    let calls = 0;
    const method = stream('list', async function* () {
      calls += 1;
      yield bytes(calls);
    });
    const rig = await Rig.start([method, echo], { transport: create() });
    const items = rig.stream('list');
    await rig.call('echo');
    expect(calls).toBe(0);
    expect([await collect(items), await collect(items)]).toEqual([[1], [2]]);
  });

  test('gives the items that came before its error first', async () => {
    const method = stream('list', async function* () {
      yield bytes(1);
      yield bytes(2);
      throw new CodedError('SoldOut', 'that was the last', { data: 3 });
    });
    const rig = await Rig.start([method], { transport: create() });
    const values: number[] = [];
    const failing = (async () => {
      for await (const [value = -1] of rig.stream('list')) {
        values.push(value);
        await turn();
      }
    })();
    const error = await rejection(failing);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 'SoldOut', data: 3 });
    expect(values).toEqual([1, 2]);
  });

  test('leaving the loop cancels: the handler cleans up and the channel lives on', async () => {
    const { method, seen } = counter();
    const rig = await Rig.start([method, echo], { transport: create() });
    for await (const [value] of rig.stream('count')) if (value === 10) break;
    await until(() => seen.hasCleanedUp, 'the clean-up');
    expect(seen.context?.signal.aborted).toBe(true);
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('leaving the loop reaches a handler that is waiting for something else', async () => {
    const { method, seen } = silent();
    const rig = await Rig.start([method, echo], { transport: create() });
    const iterator = rig.stream('wait')[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await until(() => seen.contexts.length === 1);
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(() => seen.contexts[0]?.signal.aborted);
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('a slow reader is never sent more than its window and one item', async () => {
    const itemBytes = 1_000;
    const { method, seen } = counter(itemBytes);
    const rig = await Rig.start([method, echo], {
      transport: create(),
      clientLimits: { streamWindowBytes: 20_000 },
    });
    const windowItems = Math.ceil(20_000 / (itemBytes + 16));
    const iterator = rig.stream('count')[Symbol.asyncIterator]();
    let read = 0;
    for (; read < 100; read++) {
      expect((await iterator.next()).value?.[0]).toBe(read);
      await rig.call('echo');
      await turn();
      expect(seen.produced - (read + 1)).toBeLessThanOrEqual(windowItems);
    }
    await iterator.return?.();
  });

  test('a reader that has stopped does not slow another stream, nor calls', async () => {
    const { method } = counter(1_000);
    const rig = await Rig.start([method, echo], {
      transport: create(),
      clientLimits: { streamWindowBytes: 10_000 },
    });
    const stopped = rig.stream('count')[Symbol.asyncIterator]();
    await stopped.next();
    let read = 0;
    for await (const _ of rig.stream('count')) if (++read === 500) break;
    expect(read).toBe(500);
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('empty items cost credit as well', async () => {
    const { method, seen } = counter(0);
    const rig = await Rig.start([method, echo], {
      transport: create(),
      clientLimits: { streamWindowBytes: 1_600 },
    });
    const iterator = rig.stream('count')[Symbol.asyncIterator]();
    await iterator.next();
    for (let index = 0; index < 10; index++) await rig.call('echo');
    expect(seen.produced).toBeLessThanOrEqual(101);
  });

  test('an item larger than the window passes', async () => {
    const { method } = counter(100_000);
    const rig = await Rig.start([method], { transport: create(), clientLimits: { streamWindowBytes: 100 } });
    let read = 0;
    for await (const item of rig.stream('count')) {
      expect(item).toHaveLength(100_000);
      if (++read === 5) break;
    }
  });

  test('an item larger than the client takes fails the stream only', async () => {
    const { method, seen } = counter(2_000);
    const rig = await Rig.start([method, echo], {
      transport: create(),
      clientLimits: { maxMessageBytes: 1_000 },
    });
    expect(await rejection(collect(rig.stream('count')))).toMatchObject({ code: 'Internal' });
    await until(() => seen.hasCleanedUp, 'the clean-up');
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('its deadline ends it on both sides', async () => {
    const clock = new VirtualClock();
    const { method, seen } = silent();
    const rig = await Rig.start([method], { transport: create(), clock });
    const failing = rejection(collect(rig.stream('wait', bytes(), { timeoutMs: 50 })));
    await until(() => seen.contexts.length === 1);
    clock.advance(50);
    expect(await failing).toMatchObject({ code: 'DeadlineExceeded', sent: true });
    expect(seen.contexts[0]?.signal.aborted).toBe(true);
  });

  test('its signal ends it on both sides', async () => {
    const { method, seen } = silent();
    const rig = await Rig.start([method], { transport: create() });
    const controller = new AbortController();
    const failing = rejection(collect(rig.stream('wait', bytes(), { signal: controller.signal })));
    await until(() => seen.contexts.length === 1);
    controller.abort();
    expect(await failing).toMatchObject({ code: 'Cancelled', sent: true });
    await until(() => seen.contexts[0]?.signal.aborted);
  });

  test('the end of the connection ends it with Unavailable', async () => {
    const { method, seen } = silent();
    const rig = await Rig.start([method], { transport: create() });
    const failing = rejection(collect(rig.stream('wait')));
    await until(() => seen.contexts.length === 1);
    rig.channel.close();
    expect(await failing).toMatchObject({ code: 'Unavailable', sent: true });
    await until(() => seen.contexts[0]?.signal.aborted);
  });

  test('one beyond those that may be open is Overloaded at once, and a place is free again afterwards', async () => {
    const { method } = counter();
    const rig = await Rig.start([method], { transport: create(), serverLimits: { maxStreams: 2 } });
    const first = rig.stream('count')[Symbol.asyncIterator]();
    const second = rig.stream('count')[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    expect(await rejection(collect(rig.stream('count')))).toMatchObject({ code: 'Overloaded', sent: false });
    await first.return?.();
    const third = rig.stream('count')[Symbol.asyncIterator]();
    expect(await third.next()).toMatchObject({ done: false });
  });

  test('several readers of one iterator get an item each', async () => {
    const { method } = counter();
    const rig = await Rig.start([method], { transport: create() });
    const iterator = rig.stream('count')[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(results.map(({ value }) => [...(value ?? [])])).toEqual([[0], [1], [2]]);
    await iterator.return?.();
  });
});
