import {
  describeEvent,
  FAULT_KINDS,
  shrink,
  simulate,
  SimulationFailed,
  type SimulationOptions,
} from '@decoraft/testing';
import { parseArguments, type SimulateArguments } from './simulation/arguments.js';
import { commandFor, reportFailure } from './simulation/failure-report.js';
import { Interruption } from './simulation/interruption.js';
import { loadModule } from './simulation/load-module.js';
import { Progress } from './simulation/progress.js';
import { summarize } from './simulation/summary.js';
import { Totals } from './simulation/totals.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** How long a shorter run is looked for, in real milliseconds. */
const SHRINK_LIMIT_MS = 30_000;
const HELP_WIDTH = 90;

/** `decoraft simulate`: whole clusters in a world where everything goes wrong, seed by seed. */
export const simulateVerb = {
  help: [
    'Usage: decoraft simulate [MODULE] [options]',
    '',
    'Runs clusters of real nodes on simulated time, network and disks, under faults that a seed decides, and checks',
    'that what Raft promises holds. The same seed gives the same run on every machine.',
    '',
    'MODULE is a JavaScript module that exports `machines` and `workload`, and if it likes `checks`, `faults`,',
    '`settings` and the numbers that `simulate` of decoraft/testing takes. For a TypeScript module:',
    '`node --import tsx node_modules/@decoraft/cli/dist/main.js simulate MODULE`.',
    'Without MODULE a machine of our own is tried: texts with compare-and-set, counters and events.',
    '',
    '  --seed N               The first seed; 1 by default.',
    '  --seeds N              How many seeds, from the first on; 1 with --seed, else 10.',
    '  --nodes N              Nodes of a cluster, 1 to 9; 3 by default.',
    '  --clients N            Clients of a cluster; 2 by default.',
    '  --duration MS          Virtual milliseconds with faults; 20000 by default.',
    '  --steps N              Ends the faults earlier, after so many events.',
    '  --faults KIND,…        Only these; `all` or `none`. The kinds:',
    ...wrap(FAULT_KINDS.join(', '), HELP_WIDTH).map((line) => `                           ${line}`),
    '  --without-faults N,…   Leaves out faults by their place in the schedule of one seed.',
    '  --no-shrink            Shows a failure as it was found, and looks for no shorter one.',
    '  --trace                Prints everything that happens.',
    '',
    'Ends at the first failure. Ctrl+C ends it, too, with what was done so far.',
    'Exits with 0 when all held, 1 when something did not, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseArguments(args);
  return new Runs(parsed, await optionsFor(parsed, terminal.cwd), terminal).all();
}

async function optionsFor({ module, options }: SimulateArguments, cwd: string): Promise<SimulationOptions> {
  // The machine of our own is loaded where it is needed: a user's module alone decides otherwise.
  const base =
    module === undefined ? (await import('./proof/proof.js')).PROOF : await loadModule(module, cwd);
  return { ...base, ...options };
}

/** All seeds of one command. */
class Runs {
  readonly #args: SimulateArguments;
  readonly #options: SimulationOptions;
  readonly #terminal: Terminal;
  readonly #totals = new Totals();
  readonly #progress: Progress;
  readonly #interruption: Interruption;

  constructor(args: SimulateArguments, options: SimulationOptions, terminal: Terminal) {
    this.#args = args;
    this.#terminal = terminal;
    this.#progress = new Progress(terminal, args.seeds);
    this.#interruption = new Interruption(terminal);
    this.#options = { ...options, checks: [...(options.checks ?? []), this.#interruption.check] };
  }

  async all(): Promise<ExitCode> {
    const { firstSeed, seeds } = this.#args;
    let failure: SimulationFailed | undefined;
    for (let at = 0; at < seeds && !failure && !this.#interruption.happened; at++) {
      failure = await this.#one(firstSeed + at);
      this.#progress.show(this.#totals);
    }
    this.#progress.clear();
    const elapsedMs = this.#progress.elapsedMs;
    if (failure) await this.#explain(failure);
    if (this.#interruption.happened) this.#terminal.print('Interrupted; so far:');
    for (const line of summarize(this.#totals, elapsedMs)) this.#terminal.print(line);
    return failure ? EXIT.failed : EXIT.done;
  }

  /** The failure of a seed, if it failed. */
  async #one(seed: number): Promise<SimulationFailed | undefined> {
    const { showTrace } = this.#args;
    const observer: Partial<SimulationOptions> = showTrace
      ? { onEvent: (event) => this.#terminal.print(describeEvent(event)) }
      : {};
    try {
      const report = await simulate({ ...this.#options, ...observer, seed });
      this.#totals.add(report);
      if (showTrace || this.#args.seeds === 1) this.#printHash(seed, report.traceHash);
      return undefined;
    } catch (error) {
      if (!(error instanceof SimulationFailed)) throw error;
      if (this.#interruption.happened) return undefined;
      this.#totals.add(error.report, true);
      return error;
    }
  }

  #printHash(seed: number, hash: string): void {
    this.#progress.clear();
    this.#terminal.print(`seed ${seed}: trace hash ${hash}`);
  }

  async #explain(failure: SimulationFailed): Promise<void> {
    const shortest = this.#args.mayShrink ? await this.#shrink(failure) : failure;
    reportFailure(shortest, this.#args, this.#terminal);
    if (shortest === failure) return;
    const { events, traceHash } = failure.report;
    this.#terminal.printError(`as found    ${commandFor(failure, this.#args, this.#terminal.cwd)}`);
    this.#terminal.printError(`            trace hash ${traceHash}, ${events} events`);
  }

  async #shrink(failure: SimulationFailed): Promise<SimulationFailed> {
    const { onEvent: _, ...options } = failure.options;
    this.#terminal.printError(
      `Seed ${failure.report.seed} failed; looking for a shorter run in which the same breaks.`,
    );
    return shrink(options, failure, { limitMs: SHRINK_LIMIT_MS });
  }
}

function wrap(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length < width) lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
