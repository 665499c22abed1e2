import type { FaultKind } from './faults/fault.js';

/** What a run did. */
export interface SimulationReport {
  readonly seed: number;
  /** Equal for two runs exactly when they were the same run: over time, place, kind and bytes of all events. */
  readonly traceHash: string;
  /** Virtual milliseconds, both phases. */
  readonly simulatedMs: number;
  readonly events: number;
  /** What became of the recorded operations. */
  readonly operations: { readonly returned: number; readonly unknown: number; readonly failed: number };
  /** How many faults of each kind began. */
  readonly faults: Partial<Readonly<Record<FaultKind, number>>>;
  /** How many faults were planned: `withoutFaults` counts from 0 to this. */
  readonly plannedFaults: number;
  /** What storms did to Raft's messages. */
  readonly messages: { readonly dropped: number; readonly duplicated: number; readonly reordered: number };
  /** How many times a node's process started. */
  readonly lives: number;
  /** How many times a node ended by itself, because its disk failed it. */
  readonly endedByDisk: number;
  /** The highest index that every node had applied in the end. */
  readonly appliedIndex: number;
  /** Of every node in the end; `undefined` in a run that failed before. */
  readonly stateHash: string | undefined;
}
