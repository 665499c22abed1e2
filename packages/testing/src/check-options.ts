import { messageOf } from '@decoraft/base';
import { DEFAULT_SETTINGS } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { Replica, type StateMachine } from '@decoraft/state-machine';
import { FAULT_KINDS } from './faults/menu.js';
import type { Machines, SimulationOptions } from './options.js';

/** What each number may be; all but the mean times are whole. */
const NUMBERS = {
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  nodes: { least: 1, most: 9, isWhole: true },
  clients: { least: 0, most: 100, isWhole: true },
  tiedClients: { least: 0, most: 100, isWhole: true },
  durationMs: { least: 1, most: 1e10, isWhole: false },
  steps: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  healingMs: { least: 1, most: 1e12, isWhole: false },
  thinkMs: { least: 0.001, most: 1e9, isWhole: false },
  faultEveryMs: { least: 1, most: 1e12, isWhole: false },
} as const;

/** Faults are planned before the run begins. */
const MAX_PLANNED_FAULTS = 1_000_000;

/**
 * Refuses what makes no sense before any world is made: a node that cannot take its machines would only start again
 * and again in there.
 *
 * @throws DecoraftError `InvalidArgument`, with what a function of `machines` threw as its cause.
 */
export function checkOptions(options: SimulationOptions): void {
  const { checks, faults, lastRound, machines, membership, onEvent, settings, withoutFaults, workload } =
    options;
  for (const [name, { isWhole, least, most }] of Object.entries(NUMBERS)) {
    const value: unknown = options[name as keyof typeof NUMBERS];
    if (value === undefined) continue;
    const isRight = typeof value === 'number' && value >= least && value <= most;
    const kind = isWhole ? 'a whole number' : 'a number';
    must(
      isRight && (!isWhole || Number.isSafeInteger(value)),
      name,
      `${kind} from ${least} to ${most}`,
      value,
    );
  }
  must(typeof workload === 'function', 'workload', 'a function', workload);
  must(lastRound === undefined || typeof lastRound === 'function', 'lastRound', 'a function', lastRound);
  must(
    membership === undefined || typeof membership === 'boolean',
    'membership',
    'true or false',
    membership,
  );
  must(checks === undefined || areFunctions(checks), 'checks', 'an array of functions', checks);
  must(onEvent === undefined || typeof onEvent === 'function', 'onEvent', 'a function', onEvent);
  const { durationMs = 0, faultEveryMs = 1_000 } = options;
  must(
    durationMs / faultEveryMs <= MAX_PLANNED_FAULTS,
    'faultEveryMs',
    'not so short in so long a run',
    faultEveryMs,
  );
  checkSettings(settings);
  const arePlaces =
    withoutFaults === undefined || (Array.isArray(withoutFaults) && withoutFaults.every(isPlace));
  must(arePlaces, 'withoutFaults', 'an array of places in the schedule', withoutFaults);
  checkFaults(faults);
  checkMachines(machines);
}

/** By name and type; how they go together, the nodes check themselves. */
function checkSettings(settings: unknown = {}): void {
  must(isRecord(settings), 'settings', 'an object', settings);
  const defaults = new Map<string, unknown>(Object.entries(DEFAULT_SETTINGS));
  for (const [name, value] of Object.entries(settings as object)) {
    if (value === undefined) continue;
    if (!defaults.has(name))
      throw refused(`there is no setting ${name}; there are ${[...defaults.keys()].join(', ')}`);
    const type = typeof defaults.get(name);
    const isRight =
      typeof value === type && (type !== 'number' || (Number.isFinite(value) && Number(value) >= 0));
    must(isRight, `settings.${name}`, type === 'number' ? 'a number of 0 or more' : `a ${type}`, value);
  }
}

function checkFaults(faults: unknown): void {
  if (faults === undefined || faults === 'none') return;
  must(isRecord(faults), 'faults', "an object of weights, or 'none'", faults);
  for (const [kind, weight] of Object.entries(faults as object)) {
    if (!FAULT_KINDS.some((known) => known === kind)) {
      throw refused(`there is no fault ${kind}; there are ${FAULT_KINDS.join(', ')}`);
    }
    const isWeight = typeof weight === 'number' && weight >= 0 && Number.isFinite(weight);
    must(weight === undefined || isWeight, `faults.${kind}`, 'a weight of 0 or more', weight);
  }
}

/** Every machine is made once, and registered as a node will. */
function checkMachines(machines: Machines): void {
  const areMade = isRecord(machines) && areFunctions(Object.values(machines));
  must(areMade, 'machines', 'an object of functions, each of which makes a machine', machines);
  must(Object.keys(machines).length > 0, 'machines', 'one machine at least', machines);
  const replica = new Replica({ encode: encodeValue, decode: decodeValue });
  for (const [name, create] of Object.entries(machines)) {
    const machine = made(name, create);
    must(isRecord(machine), `machines.${name}()`, 'a state machine, made anew', machine);
    replica.register(name, machine as StateMachine);
  }
}

function made(name: string, create: () => unknown): unknown {
  try {
    return create();
  } catch (cause) {
    throw refused(`machines.${name}() threw: ${messageOf(cause)}`, cause);
  }
}

function must(isRight: boolean, name: string, what: string, value: unknown): void {
  if (!isRight) throw refused(`${name} is ${what}, not ${shown(value)}`);
}

function refused(words: string, cause?: unknown): DecoraftError {
  return new DecoraftError('InvalidArgument', `simulate: ${words}`, { cause });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 100)}'`;
  return typeof value === 'object' && value !== null ? 'another object' : String(value).slice(0, 100);
}

function isPlace(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function areFunctions(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'function');
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
