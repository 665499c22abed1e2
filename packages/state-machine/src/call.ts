import type { MachineId, OperationId, SessionId } from '@decoraft/protocol';

/** A call as it came over the wire or stands in the log. */
export interface Call {
  readonly machine: MachineId;
  readonly operation: OperationId;
  /** Positional arguments, encoded. */
  readonly args: Uint8Array;
}

/** Where and when a command runs. */
export interface CommandPlace {
  readonly index: number;
  readonly term: number;
  readonly time: number;
  readonly session: SessionId | undefined;
  /** Of its randomness. */
  readonly seed: number;
  /** Numbers the events of an entry, over all the commands that run at it. */
  readonly ordinals: { next: number };
}

/** What a command notified. */
export interface Notification {
  readonly key: string;
  readonly ordinal: number;
  readonly value: Uint8Array;
}
