import type { Cluster } from '@decoraft/client';
import type { Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import type { StateMachine } from '@decoraft/state-machine';
import type { FaultWeights } from './faults/fault.js';
import type { Check } from './check.js';
import type { TraceEvent } from './trace.js';

/** The user's machines by name, made anew for every life of every node. */
export type Machines = Readonly<Record<string, () => StateMachine>>;

/** What a workload works with. */
export interface WorkloadContext {
  /** A real client, connected over the simulated network. Stubs are made from it: `new CounterClient(client, 'counter')`. */
  readonly client: Cluster;
  /** The client's name: `client-1`. */
  readonly name: string;
  /** How many times this client has called the workload before. */
  readonly round: number;
  /** This client's own randomness; `Math.random` gives the same during a simulation, other code must not be asked. */
  readonly random: Random;
  /**
   * Runs `call` and writes into the history what was called, when, and how it ended. What the cluster could not do
   * (no leader, a deadline) is part of the history; other errors are thrown.
   *
   * @param input What is called, as the model of a checker understands it.
   * @returns The call's result; `undefined` when there is none.
   */
  readonly record: <Output>(input: unknown, call: () => Promise<Output>) => Promise<Output | undefined>;
  /** Lets virtual time pass. */
  readonly sleep: (durationMs: number) => Promise<void>;
}

/** One round of work of one client; called again and again, by several clients at once. */
export type Workload = (context: WorkloadContext) => Promise<void>;

export interface SimulationOptions {
  readonly machines: Machines;
  readonly workload: Workload;
  /** Keeps a membership on all nodes, as the option of `startNode` does; none by default. */
  readonly membership?: boolean;
  /**
   * The last round of each client, when all faults have ended and the cluster is well again: what it was promised must
   * have come by its end, or never will. None by default.
   */
  readonly lastRound?: Workload;
  /** Decides everything. 1 by default. */
  readonly seed?: number;
  /** How many nodes the cluster begins with, 1 to 9; 3 by default. */
  readonly nodes?: number;
  /** How many clients work; 2 by default. */
  readonly clients?: number;
  /**
   * So many of the clients reach one node only, as through a load balancer: it has to answer for the others, also
   * where it is a follower. None by default; the first client is tied to the first node, the second to the second, …
   */
  readonly tiedClients?: number;
  /** Virtual milliseconds with faults, after which all of them end; 20,000 by default. */
  readonly durationMs?: number;
  /** Ends the phase with faults earlier, after so many events; no limit by default. */
  readonly steps?: number;
  /** Virtual milliseconds from the end of the faults until the cluster must be well again; 60,000 by default. */
  readonly healingMs?: number;
  /** The mean between two rounds of a client, in virtual milliseconds; 20 by default. */
  readonly thinkMs?: number;
  /** How often each kind of fault strikes, relative to the others; 0 never. All kinds by default; `'none'` for none. */
  readonly faults?: FaultWeights | 'none';
  /** The mean between two faults, in virtual milliseconds; 1,000 by default. */
  readonly faultEveryMs?: number;
  /** Timing and limits of the nodes. */
  readonly settings?: Partial<HostSettings>;
  /** What must hold beside the facts of Raft. */
  readonly checks?: readonly (() => Check)[];
  /** Faults by their place in the schedule that do not happen: how the shrinker looks for a shorter trace. */
  readonly withoutFaults?: readonly number[];
  /** Told of everything that happens, when it happens. It sees, and must change nothing. */
  readonly onEvent?: (event: TraceEvent) => void;
}
