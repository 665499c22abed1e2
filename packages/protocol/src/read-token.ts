import { ByteReader, ByteWriter, hashBytes, MalformedBytes } from '@decoraft/base';
import { DecoraftError } from './errors.js';

const FORMAT = 1;

/** What a client has seen: handed to another one, that one sees no less. */
export interface ReadToken {
  /** As answers name it; 0 when nothing was seen. */
  readonly cluster: number;
  /** The RPC service of the group. */
  readonly service: number;
  /** The highest log index that was seen. */
  readonly index: number;
}

/** A token as text: lower-case hexadecimal digits, safe in URLs, headers and cookies. No secret, and not signed. */
export function encodeToken({ cluster, index, service }: ReadToken): string {
  const body = new ByteWriter(24).u8(FORMAT).u32(cluster).u32(service).u53(index).finish();
  const sealed = new ByteWriter(24).raw(body).u32(hashBytes(body)).finish();
  return Array.from(sealed, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @throws DecoraftError `InvalidArgument` for what {@link encodeToken} did not write, or a later release did. */
export function decodeToken(text: string): ReadToken {
  const bytes = bytesOf(text);
  try {
    const reader = new ByteReader(bytes);
    const format = reader.u8();
    if (format !== FORMAT) throw malformed(`has format ${format}; this release reads ${FORMAT}`);
    const token = { cluster: reader.u32(), service: reader.u32(), index: reader.u53() };
    const sum = hashBytes(bytes.subarray(0, reader.offset));
    if (reader.u32() !== sum) throw malformed('was changed on its way');
    reader.end();
    return token;
  } catch (cause) {
    if (cause instanceof MalformedBytes) throw malformed('is too short or too long', cause);
    throw cause;
  }
}

function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string' || !/^(?:[0-9a-f]{2}){1,64}$/.test(text)) throw malformed('is none');
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function malformed(what: string, cause?: unknown): DecoraftError {
  return new DecoraftError('InvalidArgument', `the read token ${what}`, { cause });
}
