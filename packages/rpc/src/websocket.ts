import type { WebSocketConstructor } from './websocket-like.js';

/** The platform's WebSocket; undefined where there is none and one has to be given. */
export const PlatformWebSocket: WebSocketConstructor | undefined = (
  globalThis as { readonly WebSocket?: WebSocketConstructor }
).WebSocket;
