import { WebSocket } from 'ws';
import type { WebSocketConstructor } from './websocket-like.js';

/** The WebSocket of `ws`: Node 20 has none, and Node 22's takes no limits. */
export const PlatformWebSocket: WebSocketConstructor | undefined = WebSocket;
