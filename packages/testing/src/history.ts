import { InvariantViolation } from '@decoraft/base';

/** A point of time. `sequence` grows with every event of a recorder, so that it orders what happened in one millisecond. */
export interface Moment {
  readonly atMs: number;
  readonly sequence: number;
}

/**
 * How an operation ended, as far as its caller knows.
 *
 * - `returned`: it happened, once, between its invocation and `at`, and gave `output`.
 * - `unknown`: it may have happened at any time after its invocation, also long after `at`, or never.
 * - `failed`: it certainly did not happen, and never will.
 */
export type Outcome<Output> =
  | { readonly kind: 'returned'; readonly output: Output; readonly at: Moment }
  | { readonly kind: 'unknown'; readonly at: Moment | undefined; readonly reason: string }
  | { readonly kind: 'failed'; readonly at: Moment; readonly reason: string };

/** One call of one client. */
export interface Operation<Input = unknown, Output = unknown> {
  /** Its place among all invocations of the history; names it in reports. */
  readonly id: number;
  /** Who called. One process may have several calls under way. */
  readonly process: string;
  readonly input: Input;
  readonly invoked: Moment;
  readonly outcome: Outcome<Output>;
}

/** An operation that is under way. Exactly one of its methods is called, once; none means that it never ended. */
export interface OpenOperation<Output> {
  readonly id: number;
  returned(output: Output): void;
  /** It may have happened, now, later, or never: a timeout, a lost connection, `Indeterminate`. */
  unknown(reason: string): void;
  /** It certainly did not happen: it was refused before it was proposed. When in doubt, it is unknown. */
  failed(reason: string): void;
}

/** Writes down what concurrent clients did and saw. It decides nothing; the checkers do. */
export class HistoryRecorder<Input = unknown, Output = unknown> {
  readonly #nowMs: () => number;
  readonly #operations: Operation<Input, Output>[] = [];
  #sequence = 0;

  /** @param nowMs The time of whoever runs the clients; virtual under a simulator. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** To be called before the first byte of the call leaves its client. */
  invoke(process: string, input: Input): OpenOperation<Output> {
    const id = this.#operations.length;
    const outcome: Outcome<Output> = { kind: 'unknown', at: undefined, reason: 'never ended' };
    this.#operations.push({ id, process, input, invoked: this.#moment(), outcome });
    return {
      id,
      returned: (output) => this.#end(id, { kind: 'returned', output, at: this.#moment() }),
      unknown: (reason) => this.#end(id, { kind: 'unknown', at: this.#moment(), reason }),
      failed: (reason) => this.#end(id, { kind: 'failed', at: this.#moment(), reason }),
    };
  }

  /** All operations so far, in the order of their invocations. Those under way count as unknown. */
  operations(): readonly Operation<Input, Output>[] {
    return [...this.#operations];
  }

  #end(id: number, outcome: Outcome<Output>): void {
    const operation = this.#operations[id];
    if (!operation || operation.outcome.at) throw new InvariantViolation(`operation ${id} ended twice`);
    this.#operations[id] = { ...operation, outcome };
  }

  #moment(): Moment {
    return { atMs: this.#nowMs(), sequence: this.#sequence++ };
  }
}

/** One line for a person: when, who, what, and how it ended. */
export function describeOperation<Input, Output>(
  { id, invoked, input, outcome, process }: Operation<Input, Output>,
  show: (input: Input, outcome: Outcome<Output>) => string = showPlainly,
): string {
  const end = outcome.at ? `${outcome.at.atMs}` : '...';
  return `#${id} ${process} [${invoked.atMs}..${end} ms] ${show(input, outcome)}`;
}

function showPlainly(input: unknown, outcome: Outcome<unknown>): string {
  return `${showValue(input)} → ${showOutcome(outcome)}`;
}

/** The result, or in words why there is none. */
export function showOutcome(outcome: Outcome<unknown>): string {
  return outcome.kind === 'returned' ? showValue(outcome.output) : `${outcome.kind} (${outcome.reason})`;
}

/** A value as JSON writes it, and what JSON does not know as the language does. */
export function showValue(value: unknown): string {
  if (value === undefined || typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
