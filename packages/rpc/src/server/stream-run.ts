import { unreachable } from '@decoraft/base';
import type { RequestFrame } from '../frames.js';
import type { Method } from '../service.js';
import type { ReceivedItems } from './received-items.js';
import type { Responder } from './responder.js';
import type { ServerCall } from './server-call.js';
import { ServerStream } from './server-stream.js';

/** A request whose caller, handler or both give a stream of items. */
export interface OpenStream {
  readonly call: ServerCall;
  readonly serviceId: number;
  readonly fullName: string;
  readonly items: ReceivedItems | undefined;
  /** Where the handler gives a stream. */
  stream?: ServerStream;
}

export type StreamingMethod = Extract<Method, { kind: 'stream' | 'client-stream' | 'bidirectional-stream' }>;

export interface StreamRunOptions {
  readonly frame: RequestFrame;
  readonly open: OpenStream;
  readonly method: StreamingMethod;
  readonly responder: Responder;
  /** See ServerStreamPort. */
  readonly whenWritable: () => Promise<void> | undefined;
  /** Whether the request still waits for its answer. */
  readonly isWaiting: () => boolean;
}

/** Runs the handler to its end; resolves when it needs no more of this process, and never rejects. */
export async function runStream(options: StreamRunOptions): Promise<void> {
  const { method, open } = options;
  const { payload } = options.frame;
  switch (method.kind) {
    case 'stream':
      return answerWithItems(options, () => method.handle(payload, open.call));
    case 'bidirectional-stream':
      return answerWithItems(options, () => method.handle(payload, payloadsOf(open), open.call));
    case 'client-stream':
      return answerOnce(options, () => method.handle(payload, payloadsOf(open), open.call));
    default:
      return unreachable(method);
  }
}

function answerWithItems(
  { frame, open, responder, whenWritable }: StreamRunOptions,
  handle: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  const { creditBytes, requestId } = frame;
  open.stream = new ServerStream(creditBytes, {
    item: (item) => responder.send('item', requestId, item),
    end: () => responder.end(requestId),
    fail: (thrown) => responder.fail(requestId, thrown, open.fullName),
    whenWritable,
  });
  return open.stream.run(handle);
}

async function answerOnce(
  { frame, isWaiting, open, responder }: StreamRunOptions,
  handle: () => Uint8Array | Promise<Uint8Array>,
): Promise<void> {
  const { requestId } = frame;
  try {
    const reply = await handle();
    if (isWaiting()) responder.reply(requestId, reply, open.fullName);
  } catch (thrown) {
    if (isWaiting()) responder.fail(requestId, thrown, open.fullName);
  }
}

function payloadsOf({ fullName, items }: OpenStream): AsyncIterable<Uint8Array> {
  if (items) return items.payloads;
  throw new TypeError(`${fullName} was opened without the items of its caller`);
}
