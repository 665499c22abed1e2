import { RpcError } from './errors.js';
export function encodeValue(_value: unknown): Uint8Array {
  throw new RpcError('Unimplemented', 'next commit');
}
export function decodeValue(_bytes: Uint8Array): unknown {
  throw new RpcError('Unimplemented', 'next commit');
}
