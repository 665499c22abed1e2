import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '@decoraft/base';
import type { Happenings } from './happenings.js';
import type { NetworkConductor } from './network-conductor.js';
import { planNetworkFault, planProcessFault, type ProcessFault } from './plan.js';
import type { ProcessConductor } from './process-conductor.js';

/** So many clients, or all of them at once, have trouble of their own at a time. */
const MOST_CLIENT_FAULTS = 3;
/** How often a node's trouble is one of its process, and not of its links. */
const PROCESS_FAULTS = 0.65;
/** How often both come at once: of three nodes, there is seldom a majority left then. */
const DOUBLE_FAULTS = 0.15;

/** What comes first, however short a run is. */
const CERTAIN: readonly ProcessFault[] = [
  { kind: 'kill', victim: 'leader', forMs: 500 },
  { kind: 'pause', victim: 'leader', forMs: 2_000 },
];
/** After the trouble of a node, so long is waited for some command of anybody to be applied. */
const RECOVERY_MS = 15_000;
const POLL_MS = 50;

export interface ConductorOptions {
  /** Of what happens; when it does is decided by how fast the machine is. */
  readonly seed: number;
  readonly forMs: number;
  readonly processes: ProcessConductor;
  readonly network: NetworkConductor;
  readonly happenings: Happenings;
  /** How many changes were ever heard of. */
  readonly progress: () => number;
}

/**
 * Lets faults happen, and resolves when all are over: among the nodes one after another, of processes or links, mostly with
 * a majority that could go on; and at the same time between clients and nodes.
 */
export async function conduct(options: ConductorOptions): Promise<void> {
  const endMs = performance.now() + options.forMs;
  const mayGoOn = (): boolean => performance.now() < endMs;
  await Promise.all([breakNodes(options, mayGoOn), breakClients(options, mayGoOn)]);
}

async function breakNodes(
  { happenings, network, processes, progress, seed }: ConductorOptions,
  mayGoOn: () => boolean,
): Promise<void> {
  const random = seededRandom(seed);
  const certain = [...CERTAIN];
  while (mayGoOn()) {
    await pause(500 + random() * 2_500);
    const first = certain.shift();
    const [kind, isDouble] = first ? [0, false] : [random(), random() < DOUBLE_FAULTS];
    const [ofProcess, ofLinks] = [first ?? planProcessFault(random), planNetworkFault(random, 'nodes')];
    if (!mayGoOn()) return;
    await Promise.all([
      ...(kind < PROCESS_FAULTS || isDouble ? [processes.perform(ofProcess)] : []),
      ...(kind >= PROCESS_FAULTS || isDouble ? [network.perform(ofLinks)] : []),
    ]);
    if (!(await goesOn(progress))) {
      happenings.note(`nothing was applied for ${RECOVERY_MS} ms after that`, 'slow recovery');
    }
  }
}

async function breakClients({ network, seed }: ConductorOptions, mayGoOn: () => boolean): Promise<void> {
  const random = seededRandom(seed + 1);
  const open = new Set<Promise<void>>();
  while (mayGoOn()) {
    await pause(200 + random() * 1_300);
    const fault = planNetworkFault(random, 'clients');
    if (open.size >= MOST_CLIENT_FAULTS || !mayGoOn()) continue;
    const over = network.perform(fault).finally(() => open.delete(over));
    open.add(over);
  }
  await Promise.all(open);
}

/** The next trouble comes when the last one is over: on a busy machine, nodes take long to start and to elect. */
async function goesOn(progress: () => number): Promise<boolean> {
  const before = progress();
  const endMs = performance.now() + RECOVERY_MS;
  while (progress() === before && performance.now() < endMs) await pause(POLL_MS);
  return progress() > before;
}
