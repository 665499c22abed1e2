import { checkOptions } from './check-options.js';
import type { SimulationOptions } from './options.js';
import type { SimulationReport } from './report.js';
import { Simulation } from './simulation.js';
import { SimulationFailed } from './simulation-failed.js';

/** Runs one after another: they share the process's globals, which each replaces by its own. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a cluster of real nodes, with your machines, in a simulated world: time, network and disks are the seed's, and
 * so is everything that goes wrong. First a phase with faults, then one in which the cluster must become well again.
 * The same options give the same run on every machine, to the last byte.
 *
 * @returns What the run did.
 * @throws SimulationFailed when anything that must hold did not: a fact of Raft, a check, progress after the faults,
 *   or an error of the workload that no cluster may answer. DecoraftError `InvalidArgument` when the options make no
 *   sense, or a machine could not be made and registered on any node: then nothing was run.
 */
export function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const run = turn.then(() => runOnce(options));
  turn = run.catch(() => undefined);
  return run;
}

async function runOnce(options: SimulationOptions): Promise<SimulationReport> {
  checkOptions(options);
  const simulation = new Simulation(options);
  try {
    return await simulation.run();
  } catch (error) {
    const report = simulation.report();
    const command = commandFor(options, report.seed);
    throw new SimulationFailed(error, { report, trace: simulation.lastEvents(), command, options });
  }
}

/** What a program says to see a run again: machines and workload are its own. */
function commandFor(
  { clients, durationMs, nodes, steps, withoutFaults }: SimulationOptions,
  seed: number,
): string {
  const places = withoutFaults?.length ? `[${withoutFaults.join(', ')}]` : undefined;
  const said = { seed, nodes, clients, durationMs, steps, withoutFaults: places };
  const words = Object.entries(said).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `simulate({ ...options, ${words.join(', ')} })`;
}
