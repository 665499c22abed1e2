import { CodedError } from '@decoraft/base';
import { describeEvent, type SimulationFailed } from '@decoraft/testing';
import type { Terminal } from '../terminal.js';
import type { SimulateArguments } from './arguments.js';
import { commandWithTsx, isTypeScript } from './load-module.js';

/**
 * The command that does exactly the failed run again, and looks for no shorter one: the same module, and all that was
 * decided about the run, whoever decided it.
 */
export function commandFor(
  { options, report }: SimulationFailed,
  { faults, module }: SimulateArguments,
  cwd: string,
): string {
  const numbers = {
    seed: report.seed,
    nodes: options.nodes,
    clients: options.clients,
    duration: options.durationMs,
    steps: options.steps,
  };
  const program = module !== undefined && isTypeScript(module) ? commandWithTsx(cwd) : 'npx decoraft';
  return [
    `${program} simulate`,
    ...(module === undefined ? [] : [quoted(module)]),
    ...Object.entries(numbers).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name} ${value}`],
    ),
    ...(faults === undefined ? [] : [`--faults ${faults}`]),
    ...(options.withoutFaults?.length ? [`--without-faults ${options.withoutFaults.join(',')}`] : []),
    '--no-shrink',
  ].join(' ');
}

/** What was broken, in which run, what happened last, and how to see it again. */
export function reportFailure(failure: SimulationFailed, args: SimulateArguments, terminal: Terminal): void {
  const { report } = failure;
  const [what = ''] = failure.message.split('\n\nwhat happened last:');
  const shown = failure.trace.slice(-SHOWN_EVENTS);
  for (const line of what.split('\n')) terminal.printError(line);
  for (const line of whereThrown(failure.cause)) terminal.printError(line);
  terminal.printError('');
  if (!args.showTrace) {
    terminal.printError('what happened last:');
    for (const event of shown) terminal.printError(`  ${describeEvent(event)}`);
    terminal.printError('');
  }
  terminal.printError(`broken      ${failure.broken}`);
  terminal.printError(`seed        ${report.seed}`);
  terminal.printError(
    `trace hash  ${report.traceHash} (${report.events} events, ${report.simulatedMs} virtual ms)`,
  );
  terminal.printError(`again       ${commandFor(failure, args, terminal.cwd)}`);
}

const SHOWN_EVENTS = 30;
const SHOWN_FRAMES = 5;

/** Where an error came from that is neither a check's nor the cluster's: a mistake in the user's code. */
function whereThrown(cause: unknown): readonly string[] {
  if (!(cause instanceof Error) || cause instanceof CodedError) return [];
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return frames.slice(0, SHOWN_FRAMES);
}

function quoted(word: string): string {
  return /^[\w./@:=+-]+$/.test(word) ? word : JSON.stringify(word);
}
