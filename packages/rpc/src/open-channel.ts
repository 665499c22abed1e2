import { createDeferred, onAbort, plainMessage, systemClock } from '@decoraft/base';
import { cancelled } from './admission.js';
import type { Channel, ChannelOptions } from './channel.js';
import { ClientChannel } from './client-channel.js';
import { CloseCode } from './close-codes.js';
import { RpcError } from './errors.js';
import { readHello, writeHello } from './hello.js';
import { resolveLimits } from './limits.js';
import { Outbox } from './outbox.js';
import type { Connection, ConnectionEvents } from './transport.js';
import { webSocketDialer } from './websocket-dialer.js';

const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a channel; resolves after the hello exchange.
 *
 * @param address `host:port`, `[::1]:port`, or a `ws:` or `wss:` URL.
 * @throws RpcError `Unavailable` when nobody answers in time or the other side is no server of this protocol
 *   version, `Cancelled` by the signal, `InvalidArgument` for what is no address.
 */
export async function openChannel(address: string, options: ChannelOptions = {}): Promise<Channel> {
  const { transport = webSocketDialer(), clock = systemClock, signal } = options;
  const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  const limits = resolveLimits(options.limits);
  if (signal?.aborted) throw cancelled(signal);

  const opened = createDeferred<ClientChannel>();
  const dialling = new AbortController();
  let connection: Connection | undefined;
  let channel: ClientChannel | undefined;
  let isGivenUp = false;

  const giveUp = (error: RpcError) => {
    isGivenUp = true;
    opened.reject(error);
    dialling.abort();
    connection?.close(CloseCode.normal, error.message);
  };
  const greet = (message: Uint8Array) => {
    try {
      if (!connection) throw new RpcError('Unavailable', 'it spoke before it was asked');
      channel = new ClientChannel({
        connection,
        hello: readHello(message),
        limits,
        clock,
        metadata: options.metadata,
      });
      opened.resolve(channel);
    } catch (cause) {
      const words = `${address} is no server of this protocol: ${plainMessage(cause)}`;
      giveUp(new RpcError('Unavailable', words, { cause }));
    }
  };
  const events: ConnectionEvents = {
    message: (message) => (channel ? channel.receive(message) : greet(message)),
    drained: () => channel?.drained(),
    closed(code, reason) {
      if (channel) channel.disconnected(code, reason);
      else giveUp(new RpcError('Unavailable', `${address} closed the connection with ${code}: ${reason}`));
    },
  };

  const release = onAbort(signal, () => signal && giveUp(cancelled(signal)));
  const timer = clock.after(connectTimeoutMs, () =>
    giveUp(new RpcError('Unavailable', `${address} did not answer within ${connectTimeoutMs} ms`)),
  );
  const dial = async () => {
    try {
      connection = await transport.dial(address, events, { limits, signal: dialling.signal });
      if (isGivenUp) return connection.close(CloseCode.normal, 'given up');
      const outbox = new Outbox(connection);
      writeHello(outbox, limits);
      outbox.flush();
    } catch (error) {
      giveUp(RpcError.from(error));
    }
  };
  try {
    void dial();
    return await opened.promise;
  } finally {
    timer.cancel();
    release();
  }
}
