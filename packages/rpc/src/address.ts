import { RpcError } from './errors.js';

export interface HostAndPort {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
}

const SHAPE = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.~-]+)?)\]|([^\s:/?#[\]@]+)):(\d{1,5})$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|0:0:0:0:0:0:0:1)$/i;

/** Reads `host:port` or `[::1]:port`; throws `InvalidArgument` for anything else. */
export function parseAddress(address: string): HostAndPort {
  const [, ipv6, host, port] = SHAPE.exec(address) ?? [];
  const name = ipv6 ?? host;
  if (name === undefined || Number(port) > 65_535) {
    throw new RpcError('InvalidArgument', `'${address}' is no address: write host:port or [::1]:port`);
  }
  return { host: name, port: Number(port) };
}

export function formatAddress({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
