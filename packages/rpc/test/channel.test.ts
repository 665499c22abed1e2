import { CodedError, createDeferred, type Deferred, type Logger, VirtualClock } from '@decoraft/base';
import { describe, expect, test, vi } from 'vitest';
import {
  type CallContext,
  defaultLimits,
  type Dialer,
  memoryNetwork,
  openChannel,
  RemoteError,
  RpcError,
} from '../src/index.js';
import { bytes, echo, oneWay, rejection, Rig, turn, unary, until } from './support/rig.js';
import { transports } from './support/transports.js';

/** A handler that answers when it is told to. */
function held(name: string) {
  const calls: { readonly context: CallContext; readonly answer: Deferred<Uint8Array> }[] = [];
  const method = unary(name, (_, context) => {
    const answer = createDeferred<Uint8Array>();
    calls.push({ context, answer });
    return answer.promise;
  });
  return { method, calls };
}

describe.each(transports)('a channel $name', ({ create }) => {
  test('gives each of a thousand calls its own reply', async () => {
    const rig = await Rig.start([echo], { transport: create() });
    const payloads = Array.from({ length: 1_000 }, (_, index) => bytes(index >> 8, index));
    const replies = await Promise.all(payloads.map((payload) => rig.call('echo', payload)));
    expect(replies.map((reply) => [...reply])).toEqual(payloads.map((payload) => [...payload]));
  });

  test('a slow handler delays no fast one, and replies come in any order', async () => {
    const { method, calls } = held('slow');
    const rig = await Rig.start([method, echo], { transport: create() });
    const order: string[] = [];
    const first = rig.call('slow').then(() => order.push('first slow'));
    const second = rig.call('slow').then(() => order.push('second slow'));
    await rig.call('echo').then(() => order.push('fast'));
    calls[1]?.answer.resolve(bytes());
    await second;
    calls[0]?.answer.resolve(bytes());
    await first;
    expect(order).toEqual(['fast', 'second slow', 'first slow']);
  });

  test('what a handler throws reaches the caller with code, words and data', async () => {
    const sold = new CodedError('SoldOut', 'no seat is left', {
      data: { left: 0n },
      cause: new Error('hidden'),
    });
    const rig = await Rig.start(
      [
        unary('throws', () => {
          throw sold;
        }),
        unary('rejects', () => Promise.reject(sold)),
      ],
      { transport: create() },
    );
    for (const method of ['throws', 'rejects']) {
      const error = await rejection(rig.call(method));
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({
        code: 'SoldOut',
        message: 'SoldOut: no seat is left',
        data: { left: 0n },
      });
      expect(error).not.toHaveProperty('cause');
    }
  });

  test('data that cannot travel is left behind, the error is not', async () => {
    const rig = await Rig.start(
      [unary('throws', () => Promise.reject(new CodedError('Odd', 'see data \ud800', { data: () => 1 })))],
      { transport: create() },
    );
    const error = await rejection(rig.call('throws'));
    expect(error).toMatchObject({ code: 'Odd', message: 'Odd: see data \ufffd', data: undefined });
  });

  test('data that the caller would not take is left behind as well', async () => {
    const large = new CodedError('Odd', 'see data', { data: 'x'.repeat(5_000) });
    const rig = await Rig.start([unary('throws', () => Promise.reject(large)), echo], {
      transport: create(),
      clientLimits: { maxMessageBytes: 1_000 },
    });
    expect(await rejection(rig.call('throws'))).toMatchObject({ message: 'Odd: see data', data: undefined });
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('anything else thrown is Internal, and only the log of the server learns what it was', async () => {
    const logger: Logger = { log: vi.fn() };
    const methods = [unary('throws', () => Promise.reject(new Error('password=secret')))];
    const rig = await Rig.start(methods, { transport: create(), logger });
    const error = await rejection(rig.call('throws'));
    expect(error).toMatchObject({ code: 'Internal' });
    expect(String(error)).not.toContain('secret');
    expect(logger.log).toHaveBeenCalledWith('error', expect.stringContaining('secret'), expect.anything());
  });

  test('a handler that gives something else than bytes fails its own call only', async () => {
    const wrong: unknown = Promise.resolve('text');
    const rig = await Rig.start([unary('wrong', () => wrong as Promise<Uint8Array>), echo], {
      transport: create(),
    });
    expect(await rejection(rig.call('wrong'))).toMatchObject({ code: 'Internal' });
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('an unknown service, an unknown method and a method of another kind are Unimplemented and never ran', async () => {
    const rig = await Rig.start([echo], { transport: create() });
    const nobody = rejection(rig.channel.call(1, 1, bytes()));
    expect(await nobody).toMatchObject({ code: 'Unimplemented', sent: false });
    expect(await rejection(rig.call('nothing'))).toMatchObject({ code: 'Unimplemented', sent: false });
    const iterator = rig.stream('echo')[Symbol.asyncIterator]();
    expect(await rejection(iterator.next())).toMatchObject({ code: 'Unimplemented', sent: false });
  });

  test('metadata travels, with keys that are only keys', async () => {
    const seen: unknown[] = [];
    const methods = [
      unary('look', (payload, { metadata }) => {
        seen.push(Object.entries(metadata), Object.getPrototypeOf(metadata));
        return payload;
      }),
    ];
    const rig = await Rig.start(methods, { transport: create() });
    const metadata = { trace: 'ü1', ['__proto__']: 'x', constructor: '' };
    await rig.call('look', bytes(), { metadata });
    await rig.call('look');
    expect(seen).toEqual([Object.entries(metadata), null, [], null]);
    const large = rejection(rig.call('look', bytes(), { metadata: { a: 'x'.repeat(9_000) } }));
    expect(await large).toMatchObject({ code: 'InvalidArgument', sent: false });
  });

  test('handlers learn which connection they serve', async () => {
    const seen: unknown[] = [];
    const methods = [unary('look', (payload, { connection }) => (seen.push(connection), payload))];
    const rig = await Rig.start(methods, { transport: create() });
    await rig.call('look');
    await rig.call('look');
    expect(seen[0]).toEqual({ id: 1, remoteAddress: expect.stringMatching(/./) });
    expect(seen[0]).toBe(seen[1]);
  });

  describe('deadlines', () => {
    test('end the call on both sides, the late reply is dropped, and the channel lives on', async () => {
      const clock = new VirtualClock();
      const { method, calls } = held('slow');
      const rig = await Rig.start([method, echo], { transport: create(), clock });
      const call = rejection(rig.call('slow', bytes(), { timeoutMs: 100 }));
      await until(() => calls.length === 1);
      expect(calls[0]?.context.remainingMs).toBe(100);
      clock.advance(60);
      expect(calls[0]?.context.remainingMs).toBe(40);
      expect(calls[0]?.context.signal.aborted).toBe(false);
      clock.advance(40);
      expect(await call).toMatchObject({ name: 'RpcError', code: 'DeadlineExceeded', sent: true });
      expect(calls[0]?.context.signal.aborted).toBe(true);
      expect(calls[0]?.context.signal.reason).toMatchObject({ code: 'DeadlineExceeded' });
      expect(calls[0]?.context.remainingMs).toBe(0);
      calls[0]?.answer.resolve(bytes(1));
      expect(await rig.call('echo', bytes(2))).toEqual(bytes(2));
      expect(rig.channel.isOpen).toBe(true);
    });

    test('pass each at its own time, whatever the order of the calls', async () => {
      const clock = new VirtualClock();
      const rig = await Rig.start([held('slow').method], { transport: create(), clock });
      const ended: number[] = [];
      const timeouts = [500, 100, 300, 2 ** 40];
      for (const timeoutMs of timeouts) {
        void rejection(rig.call('slow', bytes(), { timeoutMs })).then(() => ended.push(timeoutMs));
      }
      for (const expected of [[], [100], [100], [100, 300], [100, 300], [100, 300, 500]]) {
        await turn();
        expect(ended).toEqual(expected);
        clock.advance(100);
      }
    });

    test('that leave no time fail before anything is sent', async () => {
      const handle = vi.fn((payload: Uint8Array) => payload);
      const rig = await Rig.start([unary('look', handle), echo], { transport: create() });
      for (const timeoutMs of [0, -1, NaN]) {
        const call = rejection(rig.call('look', bytes(), { timeoutMs }));
        expect(await call).toMatchObject({ code: 'DeadlineExceeded', sent: false });
      }
      await rig.call('echo');
      expect(handle).not.toHaveBeenCalled();
    });

    test('leave a call without one alone', async () => {
      const seen: unknown[] = [];
      const methods = [unary('look', (payload, { remainingMs }) => (seen.push(remainingMs), payload))];
      const rig = await Rig.start(methods, { transport: create() });
      await rig.call('look');
      await rig.call('look', bytes(), { timeoutMs: Infinity });
      expect(seen).toEqual([undefined, undefined]);
    });
  });

  describe('cancelling', () => {
    test('ends the call on both sides, and lets go of the signal', async () => {
      const { method, calls } = held('slow');
      const rig = await Rig.start([method, echo], { transport: create() });
      const controller = new AbortController();
      const call = rejection(rig.call('slow', bytes(), { signal: controller.signal }));
      await until(() => calls.length === 1);
      const { signal } = calls[0]?.context ?? {};
      controller.abort('no longer needed');
      expect(await call).toMatchObject({ code: 'Cancelled', sent: true, cause: 'no longer needed' });
      await until(() => signal?.aborted);
      calls[0]?.answer.resolve(bytes(1));
      const listening = vi.spyOn(controller.signal, 'removeEventListener');
      expect(await rejection(rig.call('echo', bytes(), { signal: controller.signal }))).toMatchObject({
        sent: false,
      });
      expect(listening).not.toHaveBeenCalled();
      const other = new AbortController();
      const removed = vi.spyOn(other.signal, 'removeEventListener');
      await rig.call('echo', bytes(), { signal: other.signal });
      expect(removed).toHaveBeenCalledOnce();
    });

    test('shows even when the handler asks for its signal only afterwards', async () => {
      const { method, calls } = held('slow');
      const rig = await Rig.start([method, echo], { transport: create() });
      const controller = new AbortController();
      const call = rejection(rig.call('slow', bytes(), { signal: controller.signal }));
      await until(() => calls.length === 1);
      controller.abort();
      await call;
      await rig.call('echo');
      expect(calls[0]?.context.signal.aborted).toBe(true);
    });
  });

  describe('the end', () => {
    test('rejects all that is pending once, and says what may have been seen', async () => {
      const { method, calls } = held('slow');
      const rig = await Rig.start([method], { transport: create() });
      const left = [rejection(rig.call('slow')), rejection(rig.call('slow'))];
      await until(() => calls.length === 2);
      void rig.server.close({ drainMs: 1 });
      for (const error of await Promise.all(left)) {
        expect(error).toMatchObject({ code: 'Unavailable', sent: true });
      }
      expect(await rig.channel.closed).toMatchObject({ code: 'Unavailable' });
      expect(rig.channel.isOpen).toBe(false);
      expect(await rejection(rig.call('slow'))).toMatchObject({ code: 'Unavailable', sent: false });
      for (const { context } of calls) expect(context.signal.aborted).toBe(true);
    });

    test('of a call that had not left yet says that it was not sent', async () => {
      const transport = create();
      const { dialer, sever } = severable(transport.dialer);
      const handle = vi.fn((payload: Uint8Array) => payload);
      const rig = await Rig.start([unary('look', handle)], { transport: { ...transport, dialer } });
      const call = rejection(rig.call('look'));
      sever();
      expect(await call).toMatchObject({ code: 'Unavailable', sent: false });
      await turn();
      expect(handle).not.toHaveBeenCalled();
    });

    test('by this side lets go what was sent one way before', async () => {
      const handle = vi.fn();
      const rig = await Rig.start([oneWay('tell', handle)], { transport: create() });
      expect(rig.send('tell', bytes(1))).toBe(true);
      rig.channel.close('bye');
      expect(await rig.channel.closed).toMatchObject({ message: 'Unavailable: bye' });
      await until(() => handle.mock.calls.length === 1);
      expect(rig.send('tell')).toBe(false);
    });
  });

  test('one-way methods arrive in order, and one that throws harms nobody', async () => {
    const seen: number[] = [];
    const logger: Logger = { log: vi.fn() };
    const methods = [
      oneWay('tell', ([value = 0]) => {
        seen.push(value);
        if (value === 1) throw new Error('one is too many');
      }),
      echo,
    ];
    const rig = await Rig.start(methods, { transport: create(), logger });
    for (const value of [0, 1, 2]) expect(rig.send('tell', bytes(value))).toBe(true);
    rig.send('nothing');
    expect(await rig.call('echo', bytes(9))).toEqual(bytes(9));
    expect(seen).toEqual([0, 1, 2]);
    expect(logger.log).toHaveBeenCalledWith(
      'error',
      expect.stringContaining('one is too many'),
      expect.anything(),
    );
  });

  describe('limits', () => {
    test('a call beyond those in flight is Overloaded at once', async () => {
      const { method, calls } = held('slow');
      const rig = await Rig.start([method], { transport: create(), serverLimits: { maxInFlightCalls: 2 } });
      const running = [rig.call('slow'), rig.call('slow')];
      expect(await rejection(rig.call('slow'))).toMatchObject({ code: 'Overloaded', sent: false });
      await until(() => calls.length === 2);
      for (const { answer } of calls) answer.resolve(bytes());
      await Promise.all(running);
      void rejection(rig.call('slow'));
      await until(() => calls.length === 3);
    });

    test('a payload beyond what the server takes never leaves', async () => {
      const rig = await Rig.start([echo], { transport: create(), serverLimits: { maxMessageBytes: 1_000 } });
      expect(await rejection(rig.call('echo', new Uint8Array(1_000)))).toMatchObject({
        code: 'InvalidArgument',
        sent: false,
      });
      expect(await rig.call('echo', new Uint8Array(900))).toHaveLength(900);
    });

    test('a reply beyond what the client takes fails its call only', async () => {
      const rig = await Rig.start(
        [
          unary('large', () => new Uint8Array(2_000)),
          unary('later', () => Promise.resolve(new Uint8Array(2_000))),
          echo,
        ],
        { transport: create(), clientLimits: { maxMessageBytes: 1_000 } },
      );
      expect(await rejection(rig.call('large'))).toMatchObject({ code: 'Internal' });
      expect(await rejection(rig.call('later'))).toMatchObject({ code: 'Internal' });
      expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
    });

    test('what waits to be sent is bounded', async () => {
      const rig = await Rig.start([oneWay('tell', () => undefined), echo], {
        transport: create(),
        clientLimits: { maxBufferedBytes: 10_000 },
      });
      while (rig.send('tell', new Uint8Array(1_000)));
      expect(rig.channel.bufferedBytes).toBeGreaterThan(10_000);
      expect(rig.channel.bufferedBytes).toBeLessThan(12_000);
      expect(await rejection(rig.call('echo'))).toMatchObject({ code: 'Overloaded', sent: false });
      await until(() => rig.channel.bufferedBytes === 0);
      expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
    });
  });

  test('the frames of one turn leave in one message, both ways', async () => {
    const transport = create();
    const { dialer, sizes } = counting(transport.dialer);
    const rig = await Rig.start([echo], { transport: { ...transport, dialer } });
    const before = { ...sizes };
    await Promise.all(Array.from({ length: 50 }, () => rig.call('echo', bytes(1, 2, 3))));
    expect(sizes.sent - before.sent).toBe(1);
    expect(sizes.received - before.received).toBe(1);
  });

  test('a turn ends after its microtasks, not at the first of them', async () => {
    const transport = create();
    const { dialer, sizes } = counting(transport.dialer);
    const rig = await Rig.start([echo], { transport: { ...transport, dialer } });
    const before = sizes.sent;
    const calls: Promise<unknown>[] = [];
    for (let index = 0; index < 20; index++) {
      calls.push(rig.call('echo'));
      await Promise.resolve();
    }
    await Promise.all(calls);
    expect(sizes.sent - before).toBe(1);
  });

  test('a turn with much to send lets its first part go early, and the rest in few messages', async () => {
    const transport = create();
    const { dialer, sizes } = counting(transport.dialer);
    const rig = await Rig.start([echo], { transport: { ...transport, dialer } });
    const before = sizes.sent;
    const calls = Array.from({ length: 3_000 }, () => rig.call('echo', bytes(1, 2, 3)));
    const early = sizes.sent - before;
    await Promise.all(calls);
    expect(early).toBeGreaterThan(5);
    expect(sizes.sent - before).toBeLessThan(15);
  });
});

describe('openChannel', () => {
  test('fails with Unavailable where nobody listens', async () => {
    const opening = openChannel('127.0.0.1:1', { transport: memoryNetwork() });
    expect(await rejection(opening)).toMatchObject({ code: 'Unavailable', sent: false });
  });

  test.each(['nonsense', '1.2.3.4', 'a:99999', 'http://a:1', '::1:2100', 'a b:1'])(
    'refuses the address %s',
    async (address) => {
      expect(await rejection(openChannel(address))).toMatchObject({ code: 'InvalidArgument' });
    },
  );

  test('gives up on a server that says nothing', async () => {
    const network = memoryNetwork();
    const clock = new VirtualClock();
    const ends: number[] = [];
    const silent = { message: () => undefined, drained: () => undefined, closed: () => void ends.push(1) };
    const { address } = await network.listen('a:1', () => silent, defaultLimits);
    const opening = rejection(openChannel(address, { transport: network, clock, connectTimeoutMs: 700 }));
    await turn();
    clock.advance(700);
    expect(await opening).toMatchObject({ code: 'Unavailable', message: expect.stringContaining('700 ms') });
    await until(() => ends.length === 1);
  });

  test('is cancelled by its signal, before and while it waits', async () => {
    const network = memoryNetwork();
    const silent = { message: () => undefined, drained: () => undefined, closed: () => undefined };
    const { address } = await network.listen('a:1', () => silent, defaultLimits);
    const controller = new AbortController();
    const opening = rejection(openChannel(address, { transport: network, signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await opening).toMatchObject({ code: 'Cancelled' });
    const again = openChannel(address, { transport: network, signal: controller.signal });
    expect(await rejection(again)).toMatchObject({ code: 'Cancelled' });
  });

  test('refuses limits that are none', async () => {
    const opening = openChannel('a:1', { limits: { maxStreams: 0 } });
    expect(await rejection(opening)).toMatchObject({ code: 'InvalidArgument' });
  });
});

describe('RpcError.from', () => {
  test('keeps its own kind, keeps known codes, and makes the rest Internal', () => {
    const own = new RpcError('NotFound', 'no such thing', { sent: true });
    expect(RpcError.from(own)).toBe(own);
    const coded = new CodedError('Overloaded', 'try later', { data: 7 });
    expect(RpcError.from(coded)).toMatchObject({
      code: 'Overloaded',
      message: 'Overloaded: try later',
      data: 7,
    });
    expect(RpcError.from(new CodedError('SoldOut', 'x'))).toMatchObject({ code: 'Internal' });
    const cause = new TypeError('odd');
    expect(RpcError.from(cause)).toMatchObject({ code: 'Internal', message: 'Internal: odd', cause });
    expect(RpcError.from('text')).toMatchObject({ code: 'Internal', message: 'Internal: text' });
  });
});

/** A dialer whose connections can be lost at once, before anything that waits has left. */
function severable(dialer: Dialer): { readonly dialer: Dialer; sever(): void } {
  let sever: () => void = () => undefined;
  return {
    sever: () => sever(),
    dialer: {
      async dial(address, events, options) {
        sever = () => events.closed(1_006, 'severed');
        return dialer.dial(address, events, options);
      },
    },
  };
}

/** A dialer that counts messages. */
function counting(dialer: Dialer): {
  readonly dialer: Dialer;
  readonly sizes: { sent: number; received: number };
} {
  const sizes = { sent: 0, received: 0 };
  return {
    sizes,
    dialer: {
      async dial(address, events, options) {
        const connection = await dialer.dial(
          address,
          {
            message(message) {
              sizes.received += 1;
              events.message(message);
            },
            drained: () => events.drained(),
            closed: (code, reason) => events.closed(code, reason),
          },
          options,
        );
        return {
          get bufferedBytes() {
            return connection.bufferedBytes;
          },
          send(message) {
            sizes.sent += 1;
            connection.send(message);
          },
          close: (code, reason) => connection.close(code, reason),
        };
      },
    },
  };
}
