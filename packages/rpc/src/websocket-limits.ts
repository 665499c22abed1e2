import type { RpcLimits } from './limits.js';
import type { WebSocketOptions } from './websocket-like.js';

/**
 * The limits of `ws`, all said outright: by default it takes 100 MB, 16,384 fragments of one byte, and with
 * compression a small frame that expands to the limit.
 */
export function webSocketOptions(limits: RpcLimits): WebSocketOptions {
  return {
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    closeTimeout: limits.closeTimeoutMs,
  };
}
