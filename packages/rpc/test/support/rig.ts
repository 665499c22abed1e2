import type { Clock, Logger } from '@decoraft/base';
import { onTestFinished } from 'vitest';
import {
  type CallOptions,
  type Channel,
  type ChannelOptions,
  type Method,
  methodId,
  openChannel,
  type RpcLimits,
  type Service,
  serviceId,
} from '../../src/index.js';
import { RpcServer } from '../../src/server/index.js';
import type { Transport } from './transports.js';

export interface RigOptions {
  readonly transport: Transport;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly serverLimits?: Partial<RpcLimits>;
  readonly clientLimits?: Partial<RpcLimits>;
  readonly metadata?: ChannelOptions['metadata'];
}

const SERVICE = 'test';

/** One server with one service, and a channel to it; both close when the test has finished. */
export class Rig {
  private constructor(
    readonly server: RpcServer,
    readonly channel: Channel,
  ) {}

  static async start(methods: readonly Method[], options: RigOptions): Promise<Rig> {
    const { transport, clock, logger } = options;
    const server = new RpcServer({
      address: '127.0.0.1:0',
      listener: transport.listener,
      limits: options.serverLimits,
      clock,
      logger,
    });
    server.register(SERVICE, { methods });
    await server.listen();
    onTestFinished(() => server.close({ drainMs: 1 }));
    const channel = await openChannel(server.address, {
      transport: transport.dialer,
      limits: options.clientLimits,
      metadata: options.metadata,
      clock,
    });
    onTestFinished(() => channel.close());
    return new Rig(server, channel);
  }

  call(method: string, payload: Uint8Array = bytes(), options?: CallOptions): Promise<Uint8Array> {
    return this.channel.call(serviceId(SERVICE), methodId(method), payload, options);
  }

  stream(method: string, payload: Uint8Array = bytes(), options?: CallOptions): AsyncIterable<Uint8Array> {
    return this.channel.stream(serviceId(SERVICE), methodId(method), payload, options);
  }

  clientStream(
    method: string,
    payloads: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<Uint8Array> {
    return this.channel.clientStream(serviceId(SERVICE), methodId(method), bytes(7), payloads, options);
  }

  bidirectionalStream(
    method: string,
    payloads: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): AsyncIterable<Uint8Array> {
    return this.channel.bidirectionalStream(
      serviceId(SERVICE),
      methodId(method),
      bytes(7),
      payloads,
      options,
    );
  }

  send(method: string, payload: Uint8Array = bytes()): boolean {
    return this.channel.send(serviceId(SERVICE), methodId(method), payload);
  }
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function unary(name: string, handle: Extract<Method, { kind: 'unary' }>['handle']): Method {
  return { kind: 'unary', name, handle };
}

export function stream(name: string, handle: Extract<Method, { kind: 'stream' }>['handle']): Method {
  return { kind: 'stream', name, handle };
}

export function clientStream(
  name: string,
  handle: Extract<Method, { kind: 'client-stream' }>['handle'],
): Method {
  return { kind: 'client-stream', name, handle };
}

export function bidirectionalStream(
  name: string,
  handle: Extract<Method, { kind: 'bidirectional-stream' }>['handle'],
): Method {
  return { kind: 'bidirectional-stream', name, handle };
}

export function oneWay(name: string, handle: Extract<Method, { kind: 'one-way' }>['handle']): Method {
  return { kind: 'one-way', name, handle };
}

export const echo: Method = unary('echo', (payload) => payload);

export const echoService: Service = { methods: [echo] };

/** A full turn of the event loop, so that what was ready has been sent and handled in this process. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Polls until it holds; fails after two seconds. */
export async function until(holds: () => boolean | undefined, what = 'the condition'): Promise<void> {
  const deadlineMs = performance.now() + 2_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}
