import type { Message } from '../../src/index.js';
import type { Server } from '../support/server.js';

/** A fact that must hold at every moment; each method throws when it does not. */
export interface Fact {
  /** A server took a ready: its log as shown is the core's log now. */
  taken?(server: Server, servers: readonly Server[]): void;
  /** A server is about to send this. */
  sent?(server: Server, message: Message): void;
  /** Anything happened to a server. */
  stepped?(server: Server, servers: readonly Server[]): void;
  /** A server is asked for a read; it answers that it will try. */
  readAsked?(server: Server, context: number, servers: readonly Server[]): void;
}

export function must(condition: boolean, fact: string): asserts condition {
  if (!condition) throw new Error(`broken: ${fact}`);
}
