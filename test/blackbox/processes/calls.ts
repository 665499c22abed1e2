import type { Operation } from '@decoraft/testing';
import type { Change, Found, Written } from './journal.machine.js';

/** How fresh a read was asked to be. */
export const LEVELS = ['session', 'linearizable', 'lease', 'local'] as const;
export type Level = (typeof LEVELS)[number];

/** What a client asks to be changed. `number` is the client's own, in the order of issue. */
export type CommandCall =
  | { readonly kind: 'increment'; readonly number: number; readonly key: string; readonly amount: number }
  | { readonly kind: 'set'; readonly number: number; readonly key: string; readonly text: string }
  | {
      readonly kind: 'compare-and-set';
      readonly number: number;
      readonly key: string;
      readonly expected: string;
      readonly text: string;
    };

export interface ReadCall {
  readonly kind: 'read';
  readonly key: string;
  readonly level: Level;
  /** The index that another client had seen, whose token came with the read; 0 without one. */
  readonly least: number;
}

/** What a client did with subscriptions, and what it heard. Those that only tell something end as they begin. */
export type SubscriptionCall =
  | { readonly kind: 'listen'; readonly subscription: string; readonly key: string }
  | { readonly kind: 'heard'; readonly subscription: string; readonly change: Change }
  | { readonly kind: 'stop'; readonly subscription: string }
  /** The cluster ended it, for this reason. */
  | { readonly kind: 'ended'; readonly subscription: string; readonly code: string };

export type Call = CommandCall | ReadCall | SubscriptionCall;
export type Answer = Written | Found | null;
export type Recorded = Operation<Call, Answer>;
export type RecordedCommand = Operation<CommandCall, Written>;
export type RecordedRead = Operation<ReadCall, Found>;

export function isCommand(operation: Recorded): operation is RecordedCommand {
  const { kind } = operation.input;
  return kind === 'increment' || kind === 'set' || kind === 'compare-and-set';
}

export function isRead(operation: Recorded): operation is RecordedRead {
  return operation.input.kind === 'read';
}

/** The name of a command, over all clients. */
export function commandName(client: string, number: number): string {
  return `${client}#${number}`;
}
