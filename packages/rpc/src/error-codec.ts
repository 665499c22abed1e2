import { plainMessage, toWellFormed } from '@decoraft/base';
import type { CodedError } from '@decoraft/base';
import { isRpcErrorCode, RemoteError, RpcError } from './errors.js';
import { decodeValue, encodeValue } from './values.js';

const MAX_CODE_CHARACTERS = 64;
const MAX_MESSAGE_CHARACTERS = 4_096;

/**
 * A coded error as the payload of a `fail` or `refuse` frame: its code, its message cut to 4,096 characters, and
 * its data if they can be carried and fit into `maxBytes`. Never its stack, never its cause.
 */
export function encodeError(error: CodedError, maxBytes: number): Uint8Array {
  const code = toWellFormed(error.code.slice(0, MAX_CODE_CHARACTERS));
  const message = toWellFormed(plainMessage(error).slice(0, MAX_MESSAGE_CHARACTERS));
  const retryAfterMs = error instanceof RpcError ? error.retryAfterMs : undefined;
  try {
    const encoded = encodeValue([code, message, retryAfterMs, error.data]);
    if (encoded.length <= maxBytes) return encoded;
  } catch {
    // The data cannot be carried; the rest says what matters.
  }
  return encodeValue([code, message, retryAfterMs]);
}

/** What a handler threw, from a `fail` frame. */
export function decodeFailure(payload: Uint8Array): RemoteError {
  const { code, message, data } = readError(payload);
  return new RemoteError(code, message, { data });
}

/** What the other side's RPC layer said before any handler saw the request, from a `refuse` frame. */
export function decodeRefusal(payload: Uint8Array): RpcError {
  const { code, message, data, retryAfterMs } = readError(payload);
  return new RpcError(isRpcErrorCode(code) ? code : 'Internal', message, { data, retryAfterMs });
}

interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  readonly data: unknown;
}

function readError(payload: Uint8Array): ErrorFields {
  const fields = decodeValue(payload);
  if (!Array.isArray(fields)) throw new RpcError('InvalidArgument', 'an encoded error is no array');
  const [code, message, retryAfterMs, data] = fields as readonly unknown[];
  if (typeof code !== 'string' || typeof message !== 'string') {
    throw new RpcError('InvalidArgument', 'an encoded error has no code or no message');
  }
  return { code, message, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined, data };
}
