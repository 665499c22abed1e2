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
  /** Does the same again. */
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
  readonly report: SimulationReport;
  readonly trace: readonly TraceEvent[];
  readonly command: string;
  readonly options: SimulationOptions;

  constructor(cause: unknown, { command, options, report, trace }: FailureDetails) {
    const lines = [
      `seed ${report.seed} after ${report.simulatedMs} virtual ms: ${messageOf(cause)}`,
      '',
      'what happened last:',
      ...trace.slice(-SHOWN_EVENTS).map((event) => `  ${describeEvent(event)}`),
      '',
      `again: ${command}`,
    ];
    super('SimulationFailed', lines.join('\n'), { cause });
    this.report = report;
    this.trace = trace;
    this.command = command;
    this.options = options;
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
