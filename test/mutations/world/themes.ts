import type { HostSettings } from '@decoraft/host';
import { FAULT_KINDS, type FaultWeights } from '@decoraft/testing';

/** A kind of world. Mistakes come out where the faults that they need come close together. */
export type Theme =
  | 'everything'
  | 'reads'
  | 'disks'
  | 'elections'
  | 'storms'
  | 'members'
  | 'leases'
  | 'snapshots'
  | 'large'
  | 'events'
  | 'retries'
  | 'tied'
  | 'stuck'
  | 'replacements'
  | 'hasty'
  | 'quiet';

export interface ThemeOptions {
  /** How often each kind strikes; what is not named has the swarm's own weight. */
  readonly faults: FaultWeights;
  readonly nodes: readonly number[];
  /** What is the same in all worlds of the theme, whatever is drawn. */
  readonly settings: Partial<HostSettings>;
  readonly snapshotEntries: readonly number[];
  /** How many of the commands are large. */
  readonly largeShare: number;
  /** So many of the clients do nothing but read: they stay with a node that has lost its leadership. */
  readonly readers: number;
  /** So many of the clients, the readers first, reach one node only, be it a follower. */
  readonly tiedClients: number;
  /** How many of the rounds are commands that throw. */
  readonly refusedShare: number;
  /** Whether everybody has to hear all events in the end. */
  readonly hearsAll: boolean;
  /** How long a client waits for an answer: one that is patient stays with a leader that nobody follows any more. */
  readonly patienceMs: number;
  /** Between two faults, on average. */
  readonly faultEveryMs: readonly number[];
  readonly durationMs: number;
  /** Between two rounds of a client, on average. */
  readonly thinkMs: readonly number[];
}

/** Only what is named goes wrong. */
function only(faults: FaultWeights): FaultWeights {
  return { ...Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])), ...faults };
}

const USUAL: ThemeOptions = {
  faults: {},
  nodes: [3, 3, 3, 5],
  settings: {},
  snapshotEntries: [20, 60, 200, 100_000],
  largeShare: 0,
  readers: 0,
  tiedClients: 0,
  refusedShare: 0.03,
  hearsAll: false,
  patienceMs: 10_000,
  faultEveryMs: [250, 500, 1_000],
  durationMs: 6_000,
  thinkMs: [15, 40, 80],
};

/** Whoever lost the leadership and does not know it is asked, and so is whoever has it. */
const READS: ThemeOptions = {
  ...USUAL,
  readers: 2,
  patienceMs: 250,
  faultEveryMs: [1_000, 2_000],
  faults: only({
    isolation: 10,
    bridge: 2,
    'one-way': 2,
    pause: 2,
    'drop-storm': 4,
    'reorder-storm': 4,
    'slow-disk': 4,
    transfer: 10,
  }),
};

export const THEMES: Readonly<Record<Theme, ThemeOptions>> = {
  everything: { ...USUAL, nodes: [3, 3, 3, 5, 5, 4, 1] },
  disks: {
    ...USUAL,
    nodes: [3, 3, 5, 1],
    faults: only({
      'slow-disk': 8,
      'power-cut': 8,
      kill: 2,
      pause: 2,
      isolation: 4,
      'flush-error': 2,
      'bit-flip': 2,
      snapshot: 2,
    }),
  },
  elections: {
    ...USUAL,
    faults: only({
      isolation: 6,
      split: 4,
      'one-way': 2,
      flapping: 2,
      pause: 4,
      'power-cut': 2,
      'clock-jump': 2,
      transfer: 3,
    }),
  },
  storms: {
    ...USUAL,
    // Among three, one vote more than the own is a majority already, however often it is counted.
    nodes: [3, 4, 5, 5],
    snapshotEntries: [20, 60],
    faults: only({
      'drop-storm': 6,
      'duplicate-storm': 4,
      'reorder-storm': 6,
      isolation: 3,
      transfer: 8,
      snapshot: 4,
      kill: 2,
    }),
  },
  members: {
    ...USUAL,
    nodes: [3, 3, 4],
    faults: only({
      join: 8,
      remove: 8,
      replace: 6,
      transfer: 4,
      isolation: 4,
      split: 2,
      kill: 2,
      'power-cut': 2,
      'slow-disk': 2,
      'slow-link': 4,
    }),
  },
  reads: READS,
  // Leases are promised only to whoever can vouch for the clocks.
  leases: { ...READS, settings: { leaseReads: true } },
  snapshots: {
    ...USUAL,
    snapshotEntries: [10, 20, 40],
    faults: only({
      isolation: 6,
      split: 3,
      kill: 6,
      'power-cut': 4,
      snapshot: 6,
      transfer: 3,
      'clock-jump': 3,
      'reorder-storm': 2,
      'broken-connection': 3,
    }),
  },
  // What is written fills segment after segment.
  large: {
    ...USUAL,
    largeShare: 0.3,
    faults: only({ 'power-cut': 8, kill: 2, isolation: 2, 'slow-disk': 2 }),
  },
  // Who listens is cut off while much is told, and comes back to a leader that was restored meanwhile.
  events: {
    ...USUAL,
    nodes: [3],
    hearsAll: true,
    snapshotEntries: [5, 10],
    faultEveryMs: [200, 400],
    faults: only({ split: 10, kill: 8, 'power-cut': 2, transfer: 4, flapping: 4, 'half-open': 2 }),
  },
  // Answers are lost, those of commands that throw as well.
  retries: {
    ...USUAL,
    nodes: [3],
    refusedShare: 0.2,
    faultEveryMs: [100, 200],
    faults: only({ 'broken-connection': 10, 'half-open': 4, kill: 4, transfer: 2 }),
  },
  // Followers are asked, too; what they have written is slow to get to their disks.
  tied: {
    ...USUAL,
    nodes: [3],
    readers: 2,
    tiedClients: 2,
    patienceMs: 1_000,
    faultEveryMs: [200, 400],
    faults: only({ 'slow-disk': 8, 'slow-link': 8, isolation: 6, split: 3, kill: 3, transfer: 3 }),
  },
  // Who was asked to lead begins a term, and nobody hears of it.
  stuck: {
    ...USUAL,
    nodes: [3],
    faultEveryMs: [150, 250],
    faults: only({ 'drop-storm': 8, transfer: 14, 'slow-disk': 3, kill: 2 }),
  },
  // A machine is lost and replaced in one step, again and again, while those that remain are slow.
  replacements: {
    ...USUAL,
    nodes: [3],
    settings: { tickMs: 20, promotionLagEntries: 50 },
    thinkMs: [100, 200],
    durationMs: 20_000,
    faultEveryMs: [300, 600],
    faults: only({ replace: 12, 'slow-disk': 4, 'slow-link': 2, transfer: 4, isolation: 3, kill: 2 }),
  },
  // Leaders are given up so soon that what they wrote is still on its way to their disks.
  hasty: {
    ...USUAL,
    nodes: [3],
    snapshotEntries: [5, 10, 60],
    settings: { tickMs: 10 },
    patienceMs: 250,
    faultEveryMs: [150, 300],
    faults: only({ 'slow-disk': 8, 'slow-link': 10, isolation: 2, pause: 2, 'broken-connection': 4 }),
  },
  // So little is written that whoever is cut off from the leader alone lacks nothing, and could be elected.
  quiet: {
    ...USUAL,
    nodes: [3],
    settings: { tickMs: 20 },
    thinkMs: [1_000, 2_000],
    durationMs: 15_000,
    faultEveryMs: [500, 1_000],
    faults: only({ bridge: 10, flapping: 4, 'one-way': 4, isolation: 2 }),
  },
};
