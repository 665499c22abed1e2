import { setTimeout as pause } from 'node:timers/promises';
import { type Random, seededRandom } from '@decoraft/base';
import type { NetworkConductor } from './network-conductor.js';
import { planNetworkFault, planProcessFault } from './plan.js';
import type { ProcessConductor } from './process-conductor.js';

/** So many clients, or all of them at once, have trouble of their own at a time. */
const MOST_CLIENT_FAULTS = 3;
/** How often a node's trouble is one of its process, and not of its links. */
const PROCESS_FAULTS = 0.65;
/** How often both come at once: of three nodes, there is seldom a majority left then. */
const DOUBLE_FAULTS = 0.15;

export interface ConductorOptions {
  /** Of what happens; when it does is decided by how fast the machine is. */
  readonly seed: number;
  readonly forMs: number;
  readonly processes: ProcessConductor;
  readonly network: NetworkConductor;
}

/**
 * Lets faults happen, and resolves when all are over: among the nodes one after another, of processes or links, mostly with
 * a majority that could go on; and at the same time between clients and nodes.
 */
export async function conduct({ forMs, network, processes, seed }: ConductorOptions): Promise<void> {
  const endMs = performance.now() + forMs;
  const mayGoOn = (): boolean => performance.now() < endMs;
  await Promise.all([
    breakNodes(processes, network, seededRandom(seed), mayGoOn),
    breakClients(network, seededRandom(seed + 1), mayGoOn),
  ]);
}

async function breakNodes(
  processes: ProcessConductor,
  network: NetworkConductor,
  random: Random,
  mayGoOn: () => boolean,
): Promise<void> {
  while (mayGoOn()) {
    await pause(500 + random() * 2_500);
    const [kind, isDouble] = [random(), random() < DOUBLE_FAULTS];
    const [ofProcess, ofLinks] = [planProcessFault(random), planNetworkFault(random, 'nodes')];
    if (!mayGoOn()) return;
    await Promise.all([
      ...(kind < PROCESS_FAULTS || isDouble ? [processes.perform(ofProcess)] : []),
      ...(kind >= PROCESS_FAULTS || isDouble ? [network.perform(ofLinks)] : []),
    ]);
  }
}

async function breakClients(
  network: NetworkConductor,
  random: Random,
  mayGoOn: () => boolean,
): Promise<void> {
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
