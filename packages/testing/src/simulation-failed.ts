import { CodedError, messageOf } from '@decoraft/base';
import { describeEvent } from './describe-event.js';
import type { SimulationOptions } from './options.js';
import type { SimulationReport } from './report.js';
import type { TraceEvent } from './trace.js';

/** How many events a message shows; `trace` has more. */
const SHOWN_EVENTS = 30;

/** What a failed run leaves to look at. */
export interface FailureDetails {
  readonly report: SimulationReport;
  /** The last events before the failure, oldest first. */
  readonly trace: readonly TraceEvent[];
  /** Does the same again, in a program that has the rest of the options: `simulate({ ...options, seed: 7 })`. */
  readonly command: string;
  /** Of the run that failed: all that its command says, and what no command line can say. */
  readonly options: SimulationOptions;
}

/**
 * Something that must hold did not. The message says what, the seed, what happened last, and how to see it again.
 * `cause` is what the check or the node threw.
 */
export class SimulationFailed extends CodedError {
  override name = 'SimulationFailed';
  readonly command: string;
  // Where nobody catches it, Node prints all that an error has, but for what is private: hundreds of events.
  readonly #details: FailureDetails;

  constructor(cause: unknown, details: FailureDetails) {
    const { command, report, trace } = details;
    const lines = [
      `seed ${report.seed} after ${report.simulatedMs} virtual ms: ${messageOf(cause)}`,
      '',
      'what happened last:',
      ...trace.slice(-SHOWN_EVENTS).map((event) => `  ${describeEvent(event)}`),
      '',
      `again: ${command}`,
    ];
    super('SimulationFailed', lines.join('\n'), { cause });
    this.command = command;
    this.#details = details;
  }

  get report(): SimulationReport {
    return this.#details.report;
  }

  /** The last events before the failure, oldest first. */
  get trace(): readonly TraceEvent[] {
    return this.#details.trace;
  }

  /** Of the run that failed. */
  get options(): SimulationOptions {
    return this.#details.options;
  }

  /** What was broken, in one line: two failures with the same are taken for one mistake. */
  get broken(): string {
    return brokenBy(this.cause);
  }
}

/** The name of the fact where there is one, else the kind of the error. */
function brokenBy(cause: unknown): string {
  if (cause instanceof Error && 'fact' in cause && typeof cause.fact === 'string') return cause.fact;
  if (cause instanceof CodedError) return cause.code;
  return cause instanceof Error ? cause.name : typeof cause;
}
