import type { EventPosition, MachineId, OperationId } from '@decoraft/protocol';

/**
 * Who hears of events on this replica alone, whoever subscribed: no part of the state, and without a say in it. Called
 * while entries are applied; must not throw, and not call back.
 */
export interface EventTap {
  /** Whether anybody wants this event, whatever the parameters: what nobody wants is not even encoded. */
  isHeard(machine: MachineId, operation: OperationId): boolean;
  /** A command that has succeeded notified of something. @param key See `subscriptionKey`. */
  take(key: string, position: EventPosition, value: Uint8Array): void;
  /** An event that only the tap wants cannot be encoded: no reason for the command to fail. */
  lost(machine: MachineId, operation: OperationId, thrown: unknown): void;
  /** An image took the place of the entries behind `after`, up to `through`: their events are not told here. */
  skipped(after: number, through: number): void;
}
