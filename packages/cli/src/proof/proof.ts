import type { SimulationOptions } from '@decoraft/testing';
import { ledgerCheck } from './ledger-check.js';
import { LEDGER } from './ledger-client.js';
import { Ledger } from './ledger.js';
import { ledgerWorkload } from './ledger-workload.js';

/** Snapshots within the few hundred commands of a run, so that logs are compacted and snapshots sent. */
const SNAPSHOT_ENTRIES = 150;

/** A machine of our own with all checks that there are: tries Decoraft itself. */
export const PROOF: SimulationOptions = {
  machines: { [LEDGER]: () => new Ledger() },
  workload: ledgerWorkload,
  checks: [ledgerCheck],
  settings: { snapshotEntries: SNAPSHOT_ENTRIES, snapshotTailEntries: SNAPSHOT_ENTRIES / 3 },
};
