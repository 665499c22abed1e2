import type { Position } from '../position.js';
import type { Operation, Schema, ServiceMethod, SourceSchema } from '@decoraft/protocol';

/**
 * What `decoraft.lock.json` keeps: of each class what logs, snapshots and clients know it by. Committed by the user, so that
 * a change is seen in a diff, and can be compared with what was released.
 */
export interface Lock {
  /** By name, then by source. */
  readonly classes: readonly LockedClass[];
}

export interface LockedClass {
  readonly kind: 'machine' | 'service';
  readonly name: string;
  /** The file that declares it, relative to the lock, with forward slashes. */
  readonly source: string;
  /** Always 1 for a service, which has no state. */
  readonly version: number;
  /** In the order of the source. */
  readonly operations: readonly LockedOperation[];
  readonly state: LockedState;
  /** What the schemas here refer to. */
  readonly types: Readonly<Record<string, Schema>>;
  /** What later versions have superseded, oldest first. */
  readonly history: readonly Superseded[];
}

export interface LockedOperation {
  readonly id: number;
  readonly name: string;
  readonly kind: Operation['kind'] | ServiceMethod['kind'];
  readonly parameters: Operation['parameters'];
  readonly rest?: Operation['parameters'][number];
  /** Of a method of a service: the parameter that is a stream. */
  readonly source?: SourceSchema;
  readonly result: Schema;
  readonly isRetired: boolean;
  /** The names that it had, as far as they are known, oldest first. */
  readonly names: readonly string[];
}

export interface LockedState {
  /** Whether the class writes and reads its snapshots itself; then its fields say nothing. */
  readonly isOwn: boolean;
  readonly fields: readonly LockedField[];
}

export interface LockedField {
  readonly name: string;
  /** What no schema has words for is a reference by the compiler's name for it, and no type of the lock. */
  readonly schema: Schema;
}

/** What held up to a version, and not beyond it. */
export interface Superseded {
  readonly until: number;
  readonly operations: readonly LockedOperation[];
  readonly fields: readonly LockedField[];
  readonly types: Readonly<Record<string, Schema>>;
}

/** A class as its source says it is now. */
export interface CurrentClass extends LockedClass {
  /** The oldest version that it serves without `previous()`. */
  readonly oldest: number;
  /** The name of the class that its `previous()` gives; empty where its type does not say. */
  readonly previous: string | undefined;
  readonly migrates: boolean;
  /** Fields that are only declared: they are not there before something is assigned to them. */
  readonly declared: ReadonlySet<string>;
  /** Fields that are computed from others. */
  readonly derived: ReadonlySet<string>;
  /** Of the class. */
  readonly position: Position;
  /** Of its operations, by their names. */
  readonly positions: ReadonlyMap<string, Position>;
}

export const NO_LOCK: Lock = { classes: [] };
export const LOCK_FILE_NAME = 'decoraft.lock.json';
