import type { Connection, ConnectionEvents } from './transport.js';

/** A server of this process, as its callers in the same process reach it: without a socket. */
export interface NearServer {
  connect(events: ConnectionEvents): Connection;
}

/** By the address on which each of them listens. In a browser there are none. */
const servers = new Map<string, NearServer>();

/** From now on it is reached by its address; calling the result ends that. */
export function announce(address: string, server: NearServer): () => void {
  servers.set(address, server);
  return () => {
    if (servers.get(address) === server) servers.delete(address);
  };
}

/** The server of this process that listens on exactly this address now. */
export function nearServer(address: string): NearServer | undefined {
  return servers.get(address);
}
