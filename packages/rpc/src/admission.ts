import { RpcError } from './errors.js';
import { FRAME_OVERHEAD_BYTES, type RequestFrame } from './frames.js';
import type { Hello } from './hello.js';
import type { RpcLimits } from './limits.js';

/** What a channel carries at the moment. */
export interface ChannelLoad {
  readonly callCount: number;
  readonly streamCount: number;
  readonly bufferedBytes: number;
}

/** What a channel may carry: on each point, what its two sides both agree to. */
export type ChannelLimits = Pick<
  RpcLimits,
  'maxInFlightCalls' | 'maxStreams' | 'maxMessageBytes' | 'maxMetadataBytes' | 'maxBufferedBytes'
> & { readonly takesItems: boolean };

export function agreeOn(limits: RpcLimits, hello: Hello): ChannelLimits {
  return {
    maxInFlightCalls: Math.min(limits.maxInFlightCalls, hello.maxInFlightCalls),
    maxStreams: Math.min(limits.maxStreams, hello.maxStreams),
    maxMessageBytes: hello.maxMessageBytes,
    maxMetadataBytes: limits.maxMetadataBytes,
    maxBufferedBytes: limits.maxBufferedBytes,
    takesItems: hello.takesItems,
  };
}

/** Why this request cannot be sent now, if it cannot: then it has not been and will not be. */
export function refusalOf(
  { kind, payload, metadata, remainingMs }: RequestFrame,
  load: ChannelLoad,
  limits: ChannelLimits,
): RpcError | undefined {
  if (remainingMs !== undefined && !(remainingMs > 0)) {
    return new RpcError('DeadlineExceeded', `there was no time at all: timeoutMs is ${remainingMs}`);
  }
  const metadataBytes = metadata?.length ?? 0;
  if (metadataBytes > limits.maxMetadataBytes) {
    return tooLarge('metadata', metadataBytes, limits.maxMetadataBytes);
  }
  const messageBytes = payload.length + metadataBytes + FRAME_OVERHEAD_BYTES;
  if (messageBytes > limits.maxMessageBytes) return tooLarge('message', messageBytes, limits.maxMessageBytes);
  if ((kind === 'gather' || kind === 'converse') && !limits.takesItems) {
    return new RpcError('Unimplemented', 'the server is of a build that takes no items of its callers');
  }
  if (kind === 'call' && load.callCount >= limits.maxInFlightCalls) {
    return new RpcError('Overloaded', `${load.callCount} calls are in flight on this channel`);
  }
  if (kind !== 'call' && kind !== 'send' && load.streamCount >= limits.maxStreams) {
    return new RpcError('Overloaded', `${load.streamCount} streams are open on this channel`);
  }
  if (load.bufferedBytes > limits.maxBufferedBytes) {
    return new RpcError('Overloaded', `${load.bufferedBytes} bytes wait to be sent on this channel`);
  }
  return undefined;
}

/** @param sent See {@link RpcError.sent}. */
export function cancelled(signal: AbortSignal, sent = false): RpcError {
  return new RpcError('Cancelled', 'the caller cancelled', { cause: signal.reason, sent });
}

function tooLarge(what: string, bytes: number, maxBytes: number): RpcError {
  return new RpcError('InvalidArgument', `the ${what} of ${bytes} bytes is above the limit of ${maxBytes}`);
}
