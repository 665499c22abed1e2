import { RpcError } from './errors.js';
import type { Dialer, Listener } from './transport.js';
export type MemoryNetwork = Dialer & Listener;
export function memoryNetwork(): MemoryNetwork {
  throw new RpcError('Unimplemented', 'next commit');
}
