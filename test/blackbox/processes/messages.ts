import type { Ways } from './names.js';

/** What a process of clients is started with, as JSON. */
export interface ClientsOptions {
  readonly seed: number;
  readonly addresses: readonly string[];
  readonly clients: readonly {
    readonly name: string;
    readonly ways: Ways;
    readonly sessionTimeoutMs: number;
    readonly renewsByHand: boolean;
  }[];
  readonly keys: readonly [string, ...string[]];
  /** Where the history goes, when it is over: one operation a line, as JSON. */
  readonly historyPath: string;
}

export type ToClients =
  /** Begin nothing more; what is under way ends. */
  | { readonly kind: 'finish' }
  /** All faults are over: each client sends one more command, which has to be answered in time. */
  | { readonly kind: 'settle'; readonly timeoutMs: number }
  /** Wait until every subscription has heard of these versions, but no longer than so; then write the history and end. */
  | {
      readonly kind: 'drain';
      readonly versions: Readonly<Record<string, number>>;
      readonly timeoutMs: number;
    };

export type FromClients =
  | { readonly kind: 'connected' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'settled'; readonly failures: readonly string[] }
  | { readonly kind: 'written' };
