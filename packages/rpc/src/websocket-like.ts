/** What this package uses of a WebSocket: browsers have it built in, Node gets it from `ws`. */
export interface WebSocketLike {
  /** Set to `arraybuffer`. */
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    listener: (event: WebSocketEventLike) => void,
  ): void;
}

/** The events' fields, each on the event that has it. */
export interface WebSocketEventLike {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** What only `ws` understands; browsers ignore the argument and have limits of their own. */
export interface WebSocketOptions {
  readonly perMessageDeflate: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly closeTimeout: number;
}

export type WebSocketConstructor = new (
  url: string,
  protocols: string[],
  options: WebSocketOptions,
) => WebSocketLike;
