import { CLIENTS } from './list/clients.js';
import { DETERMINISM } from './list/determinism.js';
import { ELECTIONS } from './list/elections.js';
import { LOG } from './list/log.js';
import { MEMBERSHIP } from './list/membership.js';
import { READS } from './list/reads.js';
import { SNAPSHOTS } from './list/snapshots.js';
import { STORAGE } from './list/storage.js';
import type { Mutation } from './mutation.js';

/** Every mistake that the simulator has to find, in the order of the checklist. */
export const MUTATIONS: readonly Mutation[] = [
  ...ELECTIONS,
  ...LOG,
  ...MEMBERSHIP,
  ...SNAPSHOTS,
  ...READS,
  ...CLIENTS,
  ...STORAGE,
  ...DETERMINISM,
];
