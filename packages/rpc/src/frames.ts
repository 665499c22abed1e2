import { ByteReader, type ByteWriter, MalformedBytes, unreachable } from '@decoraft/base';
import { MAX_BATCH_BYTES } from './limits.js';

/**
 * A message holds one or more frames, one after the other. Little-endian:
 *
 *     frame    length u32 (of what follows) · kind u8 · request u32 · body
 *     hello    magic u32 · version u16 · what this version says: see hello.ts
 *     call, open, send, gather, converse
 *              flags u8 · service u32 · method u32 · [remaining milliseconds u32] · [metadata] · [credit u32] · payload
 *     reply, item, fail, refuse
 *              payload
 *     credit   bytes u32
 *     end, cancel, ping, pong, goodbye
 *              nothing
 *
 * A client sends the requests and cancel; a server reply, fail, refuse and goodbye; both hello, item, end, credit,
 * ping and pong. The client numbers its requests. In place of that number, a hello carries what its side understands
 * beyond the first builds of this version, which wrote 0 there and do not look: see hello.ts.
 *
 * Into a gather or converse, the client sends items as the server grants credit for them, none before, and closes its
 * half by end or cancel, also when the server has answered meanwhile. Until then the server drops what still comes.
 */
export type Frame = HelloFrame | RequestFrame | PayloadFrame | CreditFrame | BareFrame;

export interface HelloFrame {
  readonly kind: 'hello';
  /** A set of bits. */
  readonly features: number;
  readonly body: Uint8Array;
}

/**
 * `call` wants one reply, `open` a stream of items, `send` nothing; `gather` wants one reply to items of the caller,
 * `converse` a stream of items.
 */
export interface RequestFrame {
  readonly kind: 'call' | 'open' | 'send' | 'gather' | 'converse';
  readonly requestId: number;
  readonly service: number;
  readonly method: number;
  /** Milliseconds left until the caller's deadline, when it set one. */
  readonly remainingMs: number | undefined;
  /** Encoded; undefined for none. */
  readonly metadata: Uint8Array | undefined;
  /** For `open` and `converse`: how many bytes of items the caller has room for. */
  readonly creditBytes: number;
  readonly payload: Uint8Array;
}

/** `fail` is what the handler threw; `refuse` what the RPC layer said before any handler saw the request. */
export interface PayloadFrame {
  readonly kind: 'reply' | 'item' | 'fail' | 'refuse';
  readonly requestId: number;
  readonly payload: Uint8Array;
}

export interface CreditFrame {
  readonly kind: 'credit';
  readonly requestId: number;
  readonly bytes: number;
}

/** `goodbye`: this server takes no new requests on this connection. */
export interface BareFrame {
  readonly kind: 'end' | 'cancel' | 'ping' | 'pong' | 'goodbye';
  readonly requestId: number;
}

/** A kind travels as its place in this list, counted from 1. */
const KINDS = [
  'hello',
  'call',
  'open',
  'send',
  'reply',
  'item',
  'fail',
  'refuse',
  'credit',
  'end',
  'cancel',
  'ping',
  'pong',
  'goodbye',
  'gather',
  'converse',
] as const satisfies readonly Frame['kind'][];

const LENGTH_BYTES = 4;
const HEADER_BYTES = 5;
const HAS_DEADLINE = 1;
const HAS_METADATA = 2;
const MAX_U32 = 0xffff_ffff;

/** More than any frame adds to its payload and metadata. */
export const FRAME_OVERHEAD_BYTES = 32;

/** Where frames are put: gives a writer with `bytes` of room in the message that leaves next. */
export interface FrameSink {
  reserve(bytes: number): ByteWriter;
}

export function writeBare(sink: FrameSink, kind: BareFrame['kind'], requestId = 0): void {
  header(sink, kind, requestId, 0);
}

export function writePayload(
  sink: FrameSink,
  kind: PayloadFrame['kind'] | 'hello',
  requestId: number,
  payload: Uint8Array,
): void {
  header(sink, kind, requestId, payload.length).raw(payload);
}

export function writeCredit(sink: FrameSink, requestId: number, bytes: number): void {
  header(sink, 'credit', requestId, 4).u32(bytes);
}

export function writeRequest(sink: FrameSink, request: RequestFrame): void {
  const { kind, payload, metadata, remainingMs } = request;
  let bodyBytes = 9 + payload.length;
  if (remainingMs !== undefined) bodyBytes += 4;
  if (metadata) bodyBytes += 4 + metadata.length;
  if (hasCredit(kind)) bodyBytes += 4;
  const writer = header(sink, kind, request.requestId, bodyBytes);
  writer.u8((remainingMs === undefined ? 0 : HAS_DEADLINE) | (metadata ? HAS_METADATA : 0));
  writer.u32(request.service).u32(request.method);
  if (remainingMs !== undefined) writer.u32(Math.min(Math.ceil(remainingMs), MAX_U32));
  if (metadata) writer.bytes(metadata);
  if (hasCredit(kind)) writer.u32(request.creditBytes);
  writer.raw(payload);
}

function hasCredit(kind: RequestFrame['kind']): boolean {
  return kind === 'open' || kind === 'converse';
}

function header(sink: FrameSink, kind: Frame['kind'], requestId: number, bodyBytes: number): ByteWriter {
  const writer = sink.reserve(LENGTH_BYTES + HEADER_BYTES + bodyBytes);
  return writer
    .u32(HEADER_BYTES + bodyBytes)
    .u8(KINDS.indexOf(kind) + 1)
    .u32(requestId);
}

/**
 * Gives the frames of a message to `handle`, one by one, until it returns false. Payloads are views of the
 * message. Throws MalformedBytes at the first frame that is none, and for a large message of many frames.
 */
export function readFrames(message: Uint8Array, handle: (frame: Frame) => boolean): void {
  const reader = new ByteReader(message);
  while (handle(readFrame(reader)) && reader.remaining > 0) {
    if (message.length > MAX_BATCH_BYTES) {
      throw new MalformedBytes(`${message.length} bytes hold more than one frame`);
    }
  }
}

/** One frame of a message as it travels. */
export interface RawFrame {
  readonly kind: Frame['kind'];
  /** A view of the message, its length first. */
  readonly bytes: Uint8Array;
}

/** The frames of a message, not read any further: for those who carry them. Throws MalformedBytes. */
export function splitFrames(message: Uint8Array): readonly RawFrame[] {
  const reader = new ByteReader(message);
  const frames: RawFrame[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    const length = reader.u32();
    const kind = KINDS[reader.u8() - 1];
    if (kind === undefined || length === 0) throw new MalformedBytes('a frame of no known kind');
    reader.raw(length - 1);
    frames.push({ kind, bytes: message.subarray(start, reader.offset) });
  }
  return frames;
}

/** Reads the next frame. Throws MalformedBytes. */
export function readFrame(reader: ByteReader): Frame {
  const length = reader.u32();
  const end = reader.offset + length;
  if (length > reader.remaining) {
    throw new MalformedBytes(`a frame of ${length} bytes declared, ${reader.remaining} left`);
  }
  const kindByte = reader.u8();
  const kind = KINDS[kindByte - 1];
  if (kind === undefined) throw new MalformedBytes(`frame kind ${kindByte} is not known`);
  const requestId = reader.u32();
  switch (kind) {
    case 'call':
    case 'open':
    case 'send':
    case 'gather':
    case 'converse':
      return readRequest(reader, kind, requestId, end);
    case 'reply':
    case 'item':
    case 'fail':
    case 'refuse':
      return { kind, requestId, payload: readRest(reader, end) };
    case 'credit': {
      const bytes = reader.u32();
      readNothing(reader, end);
      return { kind, requestId, bytes };
    }
    case 'end':
    case 'cancel':
    case 'ping':
    case 'pong':
    case 'goodbye':
      readNothing(reader, end);
      return { kind, requestId };
    case 'hello':
      return { kind, features: requestId, body: readRest(reader, end) };
    default:
      return unreachable(kind);
  }
}

function readRequest(reader: ByteReader, kind: RequestFrame['kind'], requestId: number, end: number): Frame {
  const flags = reader.u8();
  if (flags > (HAS_DEADLINE | HAS_METADATA)) throw new MalformedBytes(`request flags ${flags} are not known`);
  return {
    kind,
    requestId,
    service: reader.u32(),
    method: reader.u32(),
    remainingMs: flags & HAS_DEADLINE ? reader.u32() : undefined,
    metadata: flags & HAS_METADATA ? reader.bytes() : undefined,
    creditBytes: hasCredit(kind) ? reader.u32() : 0,
    payload: readRest(reader, end),
  };
}

function readRest(reader: ByteReader, end: number): Uint8Array {
  const count = end - reader.offset;
  if (count < 0) throw new MalformedBytes(`a frame is ${-count} bytes shorter than its fields`);
  return reader.raw(count);
}

function readNothing(reader: ByteReader, end: number): void {
  if (reader.offset !== end) throw new MalformedBytes('a frame is not as long as its fields');
}
