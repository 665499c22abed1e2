import { UsageError } from '../terminal.js';

const MAX_PORT = 65_535;

/** @throws UsageError for what is no host and port. */
export function checkAddress(option: string, address: string): string {
  const port = Number(/^.+:(\d{1,5})$/.exec(address)?.[1] ?? 0);
  if (port >= 1 && port <= MAX_PORT) return address;
  throw new UsageError(`${option} is a host and a port, like 10.0.0.1:2100, not '${address}'`);
}
