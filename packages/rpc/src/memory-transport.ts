import { formatAddress, parseAddress } from './address.js';
import { RpcError } from './errors.js';
import { MemoryHost } from './memory-connection.js';
import type { Dialer, Listener, Listening } from './transport.js';

/** Listeners and dialers that reach each other inside this process only, by any address. */
export interface MemoryNetwork extends Dialer, Listener {
  /** Breaks every connection to `address` as a lost cable would in the end: both sides see it close with 1006. */
  sever(address: string): void;
}

/** A network of its own: addresses on it mean nothing on another one. */
export function memoryNetwork(): MemoryNetwork {
  const hosts = new Map<string, MemoryHost>();
  let lastPort = 49_152;
  return {
    async dial(address, events, { signal }) {
      // A task later, as a network would.
      await Promise.resolve();
      const host = hosts.get(address);
      if (!host || signal.aborted) throw new RpcError('Unavailable', `nobody listens on ${address}`);
      return host.connect(events);
    },

    async listen(given, accept): Promise<Listening> {
      const { host, port } = parseAddress(given);
      const address = formatAddress({ host, port: port === 0 ? ++lastPort : port });
      if (hosts.has(address)) throw new RpcError('Unavailable', `${address} is being listened on already`);
      const memoryHost = new MemoryHost(accept);
      hosts.set(address, memoryHost);
      return {
        address,
        close() {
          hosts.delete(address);
          return memoryHost.emptied();
        },
      };
    },

    sever: (address) => hosts.get(address)?.sever(),
  };
}
