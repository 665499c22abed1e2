/**
 * How values become bytes: a port, so that this package knows no library.
 *
 * Duties: both are synchronous and pure; `encode` throws a `CodedError` for what is not data, `decode` for bytes
 * that are not a value; what `decode` gives shares no memory with its input.
 */
export interface ValueCodec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}
