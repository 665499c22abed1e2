/**
 * # Testing
 *
 * A world for Decoraft nodes in which everything can go wrong and nothing is random: `simulate` runs the shipped
 * nodes and clients with your machines, on simulated time, network and disks, under faults that a seed decides, and
 * checks after every step that what Raft promises holds.
 *
 * It opens no file and no socket, and never waits for real time. It changes nothing of what it tests: nodes are put
 * together by the function that `startNode` calls.
 *
 * Read in this order:
 * - `options.ts`, `simulate.ts`, `simulation.ts`: what a run is.
 * - `scheduler.ts` with `event-heap.ts` and `trace.ts`; `simulated-process.ts`, `machine-clock.ts`, `globals.ts`:
 *   time, and those who live in it. `randomness.ts`.
 * - `network.ts`, `simulated-connection.ts`, `pipe.ts`, `links.ts`: the network. `node-disk.ts`: the disks.
 * - `world.ts`, `simulated-node.ts`, `cluster.ts`, `simulated-client.ts`: who is there.
 * - `faults/`: the menu, from `fault.ts` on; `fault-conductor.ts` lets them happen.
 * - `check.ts`, `history.ts`, `checkers/`: what must hold.
 *
 * What is not here:
 * - Machines that lie: Raft does not bear them, and so they are no fault on the menu.
 * - Real threads: a command that is right only by luck of timing in one process is found by nobody here.
 */
export type { Check, NodeProbe } from './check.js';
export type { FaultKind, FaultWeights } from './faults/fault.js';
export { FAULT_KINDS } from './faults/menu.js';
export { describeEvent } from './describe-event.js';
export { linearizable } from './linearizable.js';
export type { Machines, SimulationOptions, Workload, WorkloadContext } from './options.js';
export type { SimulationReport } from './report.js';
export { shrink, type ShrinkOptions } from './shrink.js';
export { simulate } from './simulate.js';
export { SimulationFailed } from './simulation-failed.js';
export type { TraceEvent } from './trace.js';
export * from './checkers/index.js';
export {
  describeOperation,
  HistoryRecorder,
  type Moment,
  type OpenOperation,
  type Operation,
  type Outcome,
} from './history.js';
