import { plainMessage } from '@decoraft/base';
import { DecoraftError, type Origin, type Proposal, type Reply } from '@decoraft/protocol';
import type { CallOptions } from './call-options.js';
import type { CallArguments } from './contracts.js';
import { because, within } from './group-call.js';
import type { RetryOutcome } from './retry.js';

export interface QuestionOptions {
  /** Machine and method, for messages. */
  readonly what: string;
  readonly options: CallOptions;
  /** An instant of monotonic time. */
  readonly deadlineMs: number;
  /** Of its arguments: what it counts where bytes have a limit. */
  readonly bytes: number;
  readonly args: CallArguments | undefined;
  readonly proposalOf: (origin: Origin) => Proposal;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
}

/** One thing that a client asks the group to agree on, from the call to its end. */
export class Question {
  readonly what: string;
  readonly options: CallOptions;
  readonly deadlineMs: number;
  readonly bytes: number;
  readonly args: CallArguments | undefined;
  readonly proposalOf: (origin: Origin) => Proposal;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
  /** Its number in its session, the same over all tries; `undefined` until it is sent for the first time. */
  origin: Origin | undefined;
  /** How often it was sent. */
  tries = 0;
  /** Tries whose end is not known. */
  underWay = 0;
  /** A try that has ended may have reached a log. */
  mayHaveHappened = false;
  lastError: DecoraftError | undefined;
  /** Answered or given up: what comes from now on is nobody's. */
  isOver = false;
  /** Lets go of what it is registered with, when it is over. */
  release: (() => void) | undefined;

  constructor(options: QuestionOptions) {
    this.what = options.what;
    this.options = options.options;
    this.deadlineMs = options.deadlineMs;
    this.bytes = options.bytes;
    this.args = options.args;
    this.proposalOf = options.proposalOf;
    this.resolve = options.resolve;
    this.reject = options.reject;
  }

  /** Whether the group may have done it, as far as can be known now. */
  get mayBeApplied(): boolean {
    return this.mayHaveHappened || this.underWay > 0;
  }

  /** The error to end with when time is up, or when no answer can come any more. */
  late(): DecoraftError {
    const { lastError, mayBeApplied, options, what } = this;
    if (!this.origin && lastError?.code !== 'Overloaded') {
      const words = `${what} found no leader ${within(options)}; it was not sent${because(lastError)}`;
      return new DecoraftError('Unavailable', words, { cause: lastError });
    }
    return endOfCommand(what, options, { kind: 'late', mayHaveHappened: mayBeApplied, lastError });
  }

  /** The error to end with after one that no retry mends. */
  refused(lastError: DecoraftError): DecoraftError {
    const { mayBeApplied: mayHaveHappened, options, what } = this;
    return endOfCommand(what, options, { kind: 'refused', mayHaveHappened, lastError });
  }

  /** The error to end with when its session has ended: no retry is safe any more. */
  expired(cause: DecoraftError): DecoraftError {
    const { mayBeApplied: mayHaveHappened, what } = this;
    const end = mayHaveHappened ? 'an earlier try may have been applied' : 'it was not applied';
    return new DecoraftError('SessionExpired', `${what}: ${plainMessage(cause)}; ${end}`, {
      cause,
      data: { mayHaveHappened },
    });
  }
}

export function endOfCommand(what: string, options: CallOptions, outcome: RetryOutcome): DecoraftError {
  const { kind, lastError: cause, mayHaveHappened } = outcome;
  if (mayHaveHappened) {
    const reason =
      kind === 'late' ? `was not answered ${within(options)}` : 'was refused when it was retried';
    return new DecoraftError('Indeterminate', `${what} ${reason}; it may have been applied`, { cause });
  }
  if (kind === 'refused') return outcome.lastError;
  if (cause?.code === 'Overloaded') {
    const words = `${what} found no room ${within(options)}; it was not applied`;
    return new DecoraftError('Overloaded', words, { cause, data: cause.data });
  }
  const words = `${what} found no leader ${within(options)}; it was not applied${because(cause)}`;
  return new DecoraftError('Unavailable', words, { cause });
}
