import { FAULT_KINDS, type FaultWeights } from '@decoraft/testing';

/** A kind of world. Mistakes come out where the faults that they need come close together. */
export type Theme =
  'everything' | 'disks' | 'elections' | 'storms' | 'members' | 'leases' | 'snapshots' | 'large';

export interface ThemeOptions {
  /** How often each kind strikes; what is not named has the swarm's own weight. */
  readonly faults: FaultWeights;
  readonly nodes: readonly number[];
  readonly leaseReads: boolean;
  readonly snapshotEntries: readonly number[];
  /** How many of the commands are large. */
  readonly largeShare: number;
}

/** Only what is named goes wrong. */
function only(faults: FaultWeights): FaultWeights {
  return { ...Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])), ...faults };
}

const USUAL: ThemeOptions = {
  faults: {},
  nodes: [3, 3, 3, 5],
  leaseReads: false,
  snapshotEntries: [20, 60, 200, 100_000],
  largeShare: 0,
};
