import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketOptions } from './websocket-like.js';

/**
 * The WebSocket of `ws`: Node 20 has none, and Node 22's takes no limits.
 *
 * Its frames carry the mask of zeros, which changes no byte and so costs nothing on either side. A mask that cannot
 * be guessed keeps a page's script from choosing the bytes that a proxy sees (RFC 6455, section 10.3); a program
 * that opens sockets of its own can choose them anyway.
 */
class UnmaskedWebSocket extends WebSocket {
  constructor(url: string, protocols: string[], options: WebSocketOptions) {
    super(url, protocols, { ...options, generateMask: (mask) => void mask.fill(0) });
  }
}

export const PlatformWebSocket: WebSocketConstructor | undefined = UnmaskedWebSocket;
