import { HEADER_BYTES, POSITIONAL_MARK } from './limits.js';
import { PositionalReader } from './reader.js';
import { count } from './write.js';
import { PositionalWriter } from './writer.js';

/** Gives the arguments of one operation as bytes; `undefined` for what does not fit its parameters. */
export type ArgumentsEncoder = (args: readonly unknown[]) => Uint8Array | undefined;

/** Reads what the encoder of the same operation wrote. */
export interface ArgumentsDecoder {
  /** Of the shape that it reads: {@link argumentsHash}. */
  readonly hash: number;
  /**
   * @param where The call, for the message: `users.set`.
   * @throws DecoraftError `InvalidArgument` which names the byte at fault.
   */
  decode(bytes: Uint8Array, where: string): readonly unknown[];
}

/** What was encoded last is copied out of it: one that is asked for while another is at work makes its own. */
let idle: PositionalWriter | undefined;
/** Beyond it, a writer is not kept. */
const KEPT_BYTES = 1_048_576;

/** Writes arguments by position; `false` for those that do not fit. */
export type WriteArguments = (to: PositionalWriter, args: readonly unknown[]) => boolean;

/**
 * What an emitted encoder is made of.
 *
 * @param hash Of the shape of the arguments.
 * @param parameters How many there are.
 */
export function argumentsEncoder(hash: number, parameters: number, write: WriteArguments): ArgumentsEncoder {
  return (args) => (args.length === parameters ? encode(hash, args, write) : undefined);
}

/** {@link argumentsEncoder} for an operation with a rest parameter, which is not among `parameters`. */
export function argumentsEncoderWithRest(
  hash: number,
  parameters: number,
  write: WriteArguments,
): ArgumentsEncoder {
  return (args) => (args.length >= parameters ? encode(hash, args, write) : undefined);
}

function encode(hash: number, args: readonly unknown[], write: WriteArguments): Uint8Array | undefined {
  const to = idle ?? new PositionalWriter();
  idle = undefined;
  to.begin();
  to.bytes[0] = POSITIONAL_MARK;
  to.view.setUint32(1, hash);
  to.at = HEADER_BYTES;
  const encoded = count(to, args.length) && write(to, args) ? to.bytes.slice(0, to.at) : undefined;
  if (to.bytes.length <= KEPT_BYTES) idle = to;
  return encoded;
}

/** What an emitted decoder is made of: as {@link argumentsEncoder}. */
export function argumentsDecoder(
  hash: number,
  parameters: number,
  read: (from: PositionalReader) => readonly unknown[],
): ArgumentsDecoder {
  return {
    hash,
    decode(bytes, where) {
      const from = new PositionalReader(bytes, HEADER_BYTES, where);
      from.count(parameters);
      const args = read(from);
      from.finish();
      return args;
    },
  };
}

/** The hash of the shape of these arguments; `undefined` for what is no list of arguments by position. */
export function argumentsHashOf(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== POSITIONAL_MARK || bytes.length < HEADER_BYTES) return undefined;
  // A view of them would cost as much as reading small arguments does.
  return ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0;
}
