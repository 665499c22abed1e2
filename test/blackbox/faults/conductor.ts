import { setTimeout as pause } from 'node:timers/promises';
import { type Random, seededRandom } from '@decoraft/base';
import type { NetworkConductor } from './network-conductor.js';
import { planNetworkFault, planProcessFault } from './plan.js';
import type { ProcessConductor } from './process-conductor.js';

const MOST_NETWORK_FAULTS = 4;

export interface ConductorOptions {
  /** Of what happens; when it does is decided by how fast the machine is. */
  readonly seed: number;
  readonly forMs: number;
  readonly processes: ProcessConductor;
  readonly network: NetworkConductor;
}

/** Lets faults of processes and of the network happen beside each other, and resolves when all are over. */
export async function conduct({ forMs, network, processes, seed }: ConductorOptions): Promise<void> {
  const endMs = performance.now() + forMs;
  const mayGoOn = (): boolean => performance.now() < endMs;
  await Promise.all([
    breakProcesses(processes, seededRandom(seed), mayGoOn),
    breakNetwork(network, seededRandom(seed + 1), mayGoOn),
  ]);
}

async function breakProcesses(
  processes: ProcessConductor,
  random: Random,
  mayGoOn: () => boolean,
): Promise<void> {
  while (mayGoOn()) {
    await pause(1_000 + random() * 3_000);
    if (mayGoOn()) await processes.perform(planProcessFault(random));
  }
}

async function breakNetwork(
  network: NetworkConductor,
  random: Random,
  mayGoOn: () => boolean,
): Promise<void> {
  const open = new Map<() => void, number>();
  const mend = (isDue: (untilMs: number) => boolean): void => {
    for (const [end, untilMs] of open) {
      if (!isDue(untilMs)) continue;
      open.delete(end);
      end();
    }
  };
  while (mayGoOn()) {
    await pause(100 + random() * 900);
    mend((untilMs) => untilMs <= performance.now());
    const fault = planNetworkFault(random);
    if (open.size >= MOST_NETWORK_FAULTS) continue;
    const end = network.begin(fault);
    if (end) open.set(end, performance.now() + fault.forMs);
  }
  mend(() => true);
}
