import { ByteReader, ByteWriter, MalformedBytes } from '@decoraft/base';
import { type FrameSink, readFrame, writePayload } from './frames.js';
import type { RpcLimits } from './limits.js';

/** "DRPC", read as little-endian. */
const MAGIC = 0x43_50_52_44;

/** Raised with every change of the frames that the other side would not understand. */
const PROTOCOL_VERSION = 1;

/**
 * What a side understands beyond that, as bits: what the other side has no bit for is never sent to it, and bits that
 * this side does not know are passed over. So what is new needs no new version.
 */
const TAKES_ITEMS = 1;

/** What each side tells the other before anything else, so that nobody sends what will not be taken. */
export interface Hello {
  readonly maxMessageBytes: number;
  readonly maxInFlightCalls: number;
  readonly maxStreams: number;
  /** Whether it takes items of its caller: `gather` and `converse`. */
  readonly takesItems: boolean;
}

export function writeHello(sink: FrameSink, limits: RpcLimits): void {
  const body = new ByteWriter()
    .u32(MAGIC)
    .u16(PROTOCOL_VERSION)
    .u32(limits.maxMessageBytes)
    .u32(limits.maxInFlightCalls)
    .u32(limits.maxStreams);
  writePayload(sink, 'hello', TAKES_ITEMS, body.finish());
}

/** Reads a message that must be a hello and nothing else. Throws MalformedBytes saying what it is instead. */
export function readHello(message: Uint8Array): Hello {
  const outer = new ByteReader(message);
  const frame = readFrame(outer);
  if (frame.kind !== 'hello') throw new MalformedBytes(`the first frame is ${frame.kind}, not hello`);
  outer.end();
  const reader = new ByteReader(frame.body);
  if (reader.u32() !== MAGIC) throw new MalformedBytes('the first frame is not of this protocol');
  const version = reader.u16();
  if (version !== PROTOCOL_VERSION) {
    throw new MalformedBytes(
      `protocol version ${version} is not known, this side speaks ${PROTOCOL_VERSION}`,
    );
  }
  const hello = {
    maxMessageBytes: reader.u32(),
    maxInFlightCalls: reader.u32(),
    maxStreams: reader.u32(),
    takesItems: (frame.features & TAKES_ITEMS) !== 0,
  };
  reader.end();
  return hello;
}
