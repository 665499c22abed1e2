import { plainMessage } from '@decoraft/base';
import { DecoraftError, type Outcome } from '@decoraft/protocol';
import type { ValueCodec } from './codec.js';

const NO_BYTES = new Uint8Array(0);
/** The end of what has nothing to say. */
export const NO_VALUE: Outcome = { kind: 'value', value: NO_BYTES };

/** What was thrown as an answer: the same on every replica. */
export function failureOf(codec: ValueCodec, thrown: unknown): Outcome {
  const error = DecoraftError.from(thrown);
  const data = encodeData(codec, error.data);
  return { kind: 'error', code: error.code, message: plainMessage(error), data };
}

/** The data of a user's error is encoded where it can be; an error is never lost for its data. */
function encodeData(codec: ValueCodec, data: unknown): Uint8Array {
  if (data === undefined) return NO_BYTES;
  try {
    return codec.encode(data);
  } catch {
    return NO_BYTES;
  }
}
