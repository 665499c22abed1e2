import { binding, CALL_METADATA, withoutBindings } from '@decoraft/base';
import { expect, onTestFinished, test } from 'vitest';
import { callValue, memoryNetwork, methodId, openChannel, serviceId, valueService } from '../src/index.js';
import { RpcServer, type ServerInterceptor } from '../src/server/index.js';
import { bytes, oneWay, Rig, stream, turn, unary, until } from './support/rig.js';

const tenant = (): string | undefined => CALL_METADATA.get()['tenant'];

async function rigOf(...methods: Parameters<typeof Rig.start>[0]): Promise<Rig> {
  const network = memoryNetwork();
  return Rig.start(methods, { transport: { dialer: network, listener: network } });
}

test('the metadata of its caller is bound for a handler and for all that it awaits', async () => {
  const seen: (string | undefined)[] = [];
  const rig = await rigOf(
    unary('look', async (payload) => {
      seen.push(tenant());
      await turn();
      seen.push(tenant());
      return payload;
    }),
  );
  await rig.call('look', bytes(), { metadata: { tenant: 'mine' } });
  await rig.call('look');
  expect(seen).toEqual(['mine', 'mine', undefined, undefined]);
  expect(Object.keys(CALL_METADATA.get())).toEqual([]);
});

test('handlers that run beside each other see each their own', async () => {
  const rig = await rigOf(
    unary('look', async () => {
      for (let turns = 0; turns < 3; turns++) await turn();
      return bytes(Number(tenant()));
    }),
  );
  const calls = Array.from({ length: 50 }, (_, at) =>
    rig.call('look', bytes(), { metadata: { tenant: `${at}` } }),
  );
  expect(await Promise.all(calls)).toEqual(calls.map((_, at) => bytes(at)));
});

test('it is bound for the body of a stream from its first item to its end, also where the reader leaves', async () => {
  const seen: (string | undefined)[] = [];
  const rig = await rigOf(
    stream('count', async function* () {
      try {
        for (let item = 0; ; item++) {
          seen.push(tenant());
          yield bytes(item);
          await turn();
        }
      } finally {
        seen.push(`end of ${tenant()}`);
      }
    }),
  );
  let items = 0;
  for await (const _ of rig.stream('count', bytes(), { metadata: { tenant: 'mine' } }))
    if (++items === 5) break;
  await until(() => seen.at(-1)?.startsWith('end'));
  expect(new Set(seen.slice(0, -1))).toEqual(new Set(['mine']));
  expect(seen.at(-1)).toBe('end of mine');
});

test('a one-way message is handled with no metadata bound', async () => {
  const seen: (string | undefined)[] = [];
  const rig = await rigOf(oneWay('look', () => void seen.push(tenant())));
  CALL_METADATA.run({ tenant: 'outer' }, () => rig.send('look'));
  await until(() => seen.length === 1);
  expect(seen).toEqual([undefined]);
});

test('interceptors see it; a caller in the same process binds nothing in the handler', async () => {
  const mine = binding('none');
  const seen: unknown[] = [];
  const looking: ServerInterceptor = (next) => (request) => {
    seen.push(tenant());
    return next(request);
  };
  const network = memoryNetwork();
  const server = new RpcServer({ address: '127.0.0.1:0', listener: network, interceptors: [looking] });
  server.register('greeter', valueService({ look: () => [tenant(), mine.get()] }));
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 0 }));
  const channel = await openChannel(server.address, { transport: network });
  onTestFinished(() => channel.close());
  const call = (metadata?: Record<string, string>): Promise<unknown> =>
    mine.run('of the caller', () =>
      CALL_METADATA.run({ tenant: 'of the caller' }, () =>
        callValue(channel, 'greeter', 'look', [], { metadata }),
      ),
    );
  expect(await call({ tenant: 'sent' })).toEqual(['sent', 'none']);
  expect(await call()).toEqual([undefined, 'none']);
  expect(seen).toEqual(['sent', undefined]);
});

test('what a server binds is around handlers and interceptors, but not around a service that reads none', async () => {
  const where = binding('outside');
  const network = memoryNetwork();
  const server = new RpcServer({ address: '127.0.0.1:0', listener: network });
  server.bindAround((handle) => where.run('inside', handle));
  server.bindAround((handle) => where.run(`further ${where.get()}`, handle));
  const look = unary('look', () => new TextEncoder().encode(where.get()));
  server.register('bound', { methods: [look] });
  server.register('bare', { methods: [look], readsNoBindings: true });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 0 }));
  const channel = await openChannel(server.address, { transport: network });
  onTestFinished(() => channel.close());
  const ask = async (name: string): Promise<string> =>
    new TextDecoder().decode(await channel.call(serviceId(name), methodId('look'), bytes()));
  expect([await ask('bound'), await ask('bare')]).toEqual(['further inside', 'outside']);
});

test('cannot be read where all nodes must do the same', () => {
  expect(() => withoutBindings('users.set', tenant)).toThrow(/CALL_METADATA is read in users.set/);
});
