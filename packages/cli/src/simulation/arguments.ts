import { messageOf } from '@decoraft/base';
import { FAULT_KINDS, type FaultKind, type SimulationOptions } from '@decoraft/testing';
import { parseArgs } from 'node:util';
import { UsageError } from '../terminal.js';

const DEFAULT_SEEDS = 10;
const MAX_NODES = 9;
const MAX_CLIENTS = 100;

/** What stands behind `decoraft simulate`, checked. */
export interface SimulateArguments {
  /** The path of the user's module, as it was given; undefined for the machine of our own. */
  readonly module: string | undefined;
  readonly firstSeed: number;
  /** How many seeds are tried. */
  readonly seeds: number;
  /** What the command line says about the runs; all else is the module's, or the simulator's default. */
  readonly options: Partial<SimulationOptions>;
  /** The value of `--faults`, to be repeated in commands. */
  readonly faults: string | undefined;
  readonly mayShrink: boolean;
  readonly showTrace: boolean;
}

/** @throws UsageError that says which argument makes no sense, and what would. */
export function parseArguments(args: readonly string[]): SimulateArguments {
  const { positionals, values } = split(args);
  const [module, ...rest] = positionals;
  if (rest.length > 0)
    throw new UsageError(`simulate takes one module, and was given ${rest.join(', ')} as well`);
  if (values.duration !== undefined && values['duration-ms'] !== undefined) {
    throw new UsageError('--duration and --duration-ms are the same: give one of them');
  }
  const duration = values['duration-ms'] ?? values.duration;
  const seed = whole('--seed', values.seed, 0);
  const seeds = whole('--seeds', values.seeds, 1) ?? (seed === undefined ? DEFAULT_SEEDS : 1);
  const withoutFaults = values['without-faults'] === undefined ? undefined : places(values['without-faults']);
  if (withoutFaults && seeds > 1) {
    throw new UsageError('--without-faults names faults of one run: give its --seed, and no --seeds');
  }
  const options = {
    nodes: whole('--nodes', values.nodes, 1, MAX_NODES),
    clients: whole('--clients', values.clients, 1, MAX_CLIENTS),
    durationMs: whole('--duration', duration, 1),
    steps: whole('--steps', values.steps, 1),
    faults: values.faults === undefined ? undefined : faultsOf(values.faults),
    withoutFaults,
  };
  return {
    module,
    firstSeed: seed ?? 1,
    seeds,
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    faults: values.faults,
    mayShrink: !values['no-shrink'],
    showTrace: values.trace,
  };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        nodes: { type: 'string' },
        clients: { type: 'string' },
        duration: { type: 'string' },
        'duration-ms': { type: 'string' },
        steps: { type: 'string' },
        faults: { type: 'string' },
        'without-faults': { type: 'string' },
        'no-shrink': { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`simulate: ${messageOf(error)}`, { cause: error });
  }
}

/** A whole number, or undefined where the option was not given. */
export function whole(
  option: string,
  text: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const isOpen = most === Number.MAX_SAFE_INTEGER && !(number > most);
  const range = isOpen ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new UsageError(`${option} is a whole number ${range}, not '${text}'`);
}

function places(text: string): readonly number[] {
  return text.split(',').map((place) => whole('each of --without-faults', place, 0) ?? 0);
}

/** Only the named kinds, all alike; undefined for all, as the simulator weighs them. */
function faultsOf(text: string): SimulationOptions['faults'] {
  if (text === 'none') return 'none';
  if (text === 'all') return {};
  const named = new Set<string>(text.split(','));
  const unknown = [...named].filter((name) => !FAULT_KINDS.includes(name as FaultKind));
  if (unknown.length > 0) {
    throw new UsageError(
      `--faults: there is no fault '${unknown.join("', '")}'; there are ${FAULT_KINDS.join(', ')}, none and all`,
    );
  }
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, named.has(kind) ? 1 : 0]));
}
