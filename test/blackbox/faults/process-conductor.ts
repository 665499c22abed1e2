import { setTimeout as pause } from 'node:timers/promises';
import { unreachable } from '@decoraft/base';
import { type NodeProcess, until } from '../../../examples/key-value/src/node-process.js';
import type { Happenings } from './happenings.js';
import type { ProcessFault, Victim } from './plan.js';

/** On a machine that has much else to do. */
const STARTING_LIMIT_MS = 180_000;

export interface Processes {
  readonly nodes: readonly NodeProcess[];
  /** Processes of clients, to be stopped and let go on. */
  readonly clients: readonly { readonly name: string; signal(signal: 'SIGSTOP' | 'SIGCONT'): void }[];
  /** Who leads, as far as anybody can tell. */
  leader(): string;
}

/** Lets faults of processes happen, one at a time. */
export class ProcessConductor {
  readonly #processes: Processes;
  readonly #happenings: Happenings;

  constructor(processes: Processes, happenings: Happenings) {
    this.#processes = processes;
    this.#happenings = happenings;
  }

  /** From its begin to its end. */
  async perform(fault: ProcessFault): Promise<void> {
    if (fault.kind === 'kill') return this.#kill(this.#nodesOf(fault.victim), fault);
    if (fault.victim !== 'clients') return this.#pause(this.#nodesOf(fault.victim), fault);
    return this.#pause(this.#processes.clients.slice(0, 1), fault);
  }

  async #kill(victims: readonly NodeProcess[], { forMs, kind, victim }: ProcessFault): Promise<void> {
    const ids = victims.map(({ id }) => id).join(' ');
    this.#happenings.note(`kill ${ids} for ${forMs} ms`, `${kind} ${victim}`);
    await Promise.all(victims.map((node) => node.kill()));
    await pause(forMs);
    const starts = victims.map(startsOf);
    for (const node of victims) node.start();
    const haveStarted = (): boolean => victims.every((node, at) => startsOf(node) > (starts[at] ?? 0));
    await until(`${ids} have started`, haveStarted, STARTING_LIMIT_MS);
    this.#happenings.note(`started ${ids}`);
  }

  async #pause(
    victims: readonly { signal(signal: 'SIGSTOP' | 'SIGCONT'): void }[],
    { forMs, kind, victim }: ProcessFault,
  ): Promise<void> {
    const leader = this.#processes.leader();
    const words = `${kind} ${victim} (${leader} leads) for ${forMs} ms`;
    this.#happenings.note(words, `${kind} ${victim}`);
    for (const process of victims) process.signal('SIGSTOP');
    await pause(forMs);
    for (const process of victims) process.signal('SIGCONT');
    this.#happenings.note(`over: ${words}`);
  }

  #nodesOf(victim: Victim): readonly NodeProcess[] {
    const { nodes } = this.#processes;
    const leader = this.#processes.leader();
    switch (victim) {
      case 'leader':
        return nodes.filter(({ id }) => id === leader);
      case 'follower':
        return nodes.filter(({ id }) => id !== leader).slice(0, 1);
      case 'everybody':
        return nodes;
      default:
        return unreachable(victim);
    }
  }
}

function startsOf({ output }: NodeProcess): number {
  return output.split('STARTED ').length - 1;
}
