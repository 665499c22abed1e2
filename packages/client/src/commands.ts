import { onAbort } from '@decoraft/base';
import {
  DecoraftError,
  encodeProposal,
  type ErrorCode,
  GROUP_METHOD,
  type Origin,
  type Proposal,
  type Reply,
  type SessionId,
} from '@decoraft/protocol';
import { DeadlineTimer, methodId } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import type { CallArguments } from './contracts.js';
import {
  argumentsOf,
  callGroup,
  type GroupCaller,
  idsOf,
  type MachineCall,
  resultOf,
  routeOfProposal,
  withNames,
} from './group-call.js';
import { Pipeline } from './pipeline.js';
import { endOfCommand, Question } from './question.js';
import { type Attempt, retry } from './retry.js';
import type { Session } from './session.js';
import { type OnSessionExpired, type SessionExpired, SessionKeeper } from './session-keeper.js';
import { Window, type WindowLimits } from './window.js';

const LATE: ReadonlySet<ErrorCode> = new Set(['Unavailable', 'Indeterminate', 'Overloaded']);
const PROPOSE = methodId(GROUP_METHOD.propose);
export interface CommandsOptions extends GroupCaller {
  readonly sessionTimeoutMs: number;
  readonly onSessionExpired: OnSessionExpired;
  readonly window: WindowLimits;
}

/**
 * Commands with all that makes them safe to retry: one session, and one sequence number a command (thesis §6.3). They
 * are sent, and applied, in the order in which they were asked.
 */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #keeper: SessionKeeper;
  readonly #window: Window;
  /** All that are not over. */
  readonly #open = new Set<Question>();
  /** Those of them that were never sent, in the order in which they were asked. */
  readonly #waiting = new Set<Question>();
  readonly #deadlines: DeadlineTimer;
  /** Of the session, while there is one. */
  #pipeline: Pipeline | undefined;
  #isBeginning = false;

  constructor(options: CommandsOptions) {
    const { onSessionExpired: onExpired, ports, sessionTimeoutMs: timeoutMs } = options;
    this.#options = options;
    this.#window = new Window(options.window);
    this.#keeper = new SessionKeeper({ timeoutMs, onExpired, propose: (payload) => this.#propose(payload) });
    this.#keeper.onExpired(({ error }) => this.#expire(error));
    this.#deadlines = new DeadlineTimer(ports.clock, (nowMs) => this.#endLate(nowMs));
    ports.closed.addEventListener('abort', () => this.#close(), { once: true });
  }

  /** The session, while there is one. */
  get session(): Session | undefined {
    return this.#keeper.session;
  }

  /** Called once for each session that the cluster has ended. */
  onExpired(listener: (event: SessionExpired) => void): void {
    this.#keeper.onExpired(listener);
  }

  /** The cluster says that it has ended this session. */
  sessionEnded(session: SessionId, error: DecoraftError): void {
    this.#keeper.end(session, error);
  }

  /** Begins a new session where the last one has ended; resolves when there is one. */
  async renewSession(): Promise<void> {
    this.#keeper.renew();
    await this.#keeper.begin();
    this.#advance();
  }

  async command(call: MachineCall, options: CallOptions): Promise<unknown> {
    const args = argumentsOf(this.#options, call);
    const proposalOf = (origin: Origin): Proposal => {
      return { kind: 'command', origin, ...idsOf(call), args: args.bytes };
    };
    try {
      return resultOf(await this.ask(call, options, proposalOf, args));
    } catch (thrown) {
      throw withNames(thrown, call);
    }
  }

  /**
   * A question with an identity, asked until it is answered, and answered once.
   *
   * @param args Where it has any.
   */
  ask(
    call: MachineCall,
    options: CallOptions,
    proposalOf: (origin: Origin) => Proposal,
    args?: CallArguments,
  ): Promise<Reply> {
    const bytes = args?.bytes.length ?? 0;
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
      if (signal?.aborted) return reject(signal.reason);
      const deadlineMs = this.#options.ports.clock.monotonicMs() + timeoutMs;
      const what = `${call.machine}.${call.name}`;
      const question = new Question({ what, options, deadlineMs, bytes, args, proposalOf, resolve, reject });
      const refusal = this.#refusal(question);
      if (refusal) return reject(refusal);
      if (!this.#window.tryOpen(bytes)) return reject(tooMany(what, this.#open.size));
      this.#open.add(question);
      this.#waiting.add(question);
      this.#deadlines.note(deadlineMs);
      if (signal) this.#watch(question, signal);
      this.#advance();
    });
  }

  /** Tells the cluster that the session is over, where that can be told at once: else it ends by its timeout. */
  async closeSession(timeoutMs: number): Promise<void> {
    const session = this.#keeper.take();
    this.#pipeline = undefined;
    if (!session || !this.#options.nodes.isConnected) return;
    const payload = encodeProposal({ kind: 'close-session', session: session.id });
    await this.#proposeOnce(payload, { timeoutMs, signal: undefined, number: 0 });
  }

  #refusal(question: Question): DecoraftError | undefined {
    if (this.#options.ports.closed.aborted) {
      return new DecoraftError('Unavailable', `${question.what}: this client is closed; it was not sent`);
    }
    const { expired } = this.#keeper;
    return expired && question.expired(expired);
  }

  #watch(question: Question, signal: AbortSignal): void {
    question.release = onAbort(signal, () => this.#giveUp(question, signal.reason));
  }

  /** What waits is sent, where there is a session, and else when there is one. */
  #advance(): void {
    if (this.#pipeline) this.#pipeline.advance();
    else if (!this.#isBeginning) void this.#begin();
  }

  /** One opening has a limit of its own, which may be over long before those that wait for it: then there is another. */
  async #begin(): Promise<void> {
    this.#isBeginning = true;
    try {
      while (this.#waiting.size > 0 && !this.#pipeline) await this.#beginOnce();
    } finally {
      this.#isBeginning = false;
    }
    this.#pipeline?.advance();
  }

  async #beginOnce(): Promise<void> {
    try {
      const session = await this.#keeper.begin();
      if (this.#keeper.session === session) this.#pipeline = this.#pipelineOf(session);
    } catch (thrown) {
      const error = DecoraftError.from(thrown);
      const isLate = isLateOpening(error);
      for (const question of this.#waiting) {
        if (isLate) question.lastError = error;
        else this.#giveUp(question, error);
      }
    }
  }

  #pipelineOf(session: Session): Pipeline {
    return new Pipeline({
      ...this.#options,
      session,
      window: this.#window,
      waiting: this.#waiting,
      onEnd: (question) => this.#over(question),
      onExpired: ({ id }, error) => this.#keeper.end(id, error),
    });
  }

  #expire(error: DecoraftError): void {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    pipeline?.end(error);
    if (this.#keeper.expired) {
      for (const question of this.#waiting) this.#giveUp(question, question.expired(error));
    } else if (this.#waiting.size > 0) {
      this.#advance();
    }
  }

  #giveUp(question: Question, reason: unknown): void {
    this.#over(question);
    question.reject(reason);
    this.#pipeline?.abandon(question);
  }

  #over(question: Question): void {
    question.isOver = true;
    question.release?.();
    if (this.#open.delete(question)) this.#window.close(question.bytes);
    this.#waiting.delete(question);
  }

  /** @returns The earliest deadline of those that are left. */
  #endLate(nowMs: number): number {
    let nextMs = Infinity;
    for (const question of this.#open) {
      if (question.deadlineMs <= nowMs) {
        if (!question.origin) question.lastError = this.#pipeline?.overload ?? question.lastError;
        this.#giveUp(question, question.late());
      } else nextMs = Math.min(nextMs, question.deadlineMs);
    }
    return nextMs;
  }

  /** What is under way may be answered as long as there are connections. */
  #close(): void {
    for (const question of this.#waiting) this.#giveUp(question, question.late());
    this.#pipeline?.close();
    this.#deadlines.stop();
  }

  #propose(payload: Uint8Array): Promise<Reply> {
    return retry(
      this.#options.ports,
      {},
      (attempt) => this.#proposeOnce(payload, attempt),
      (outcome) => endOfCommand('the session', {}, outcome),
    );
  }

  async #proposeOnce(payload: Uint8Array, attempt: Attempt): Promise<Reply> {
    const { nodes, seen } = this.#options;
    const route = await routeOfProposal(nodes, attempt.number, attempt.signal);
    const reply = await callGroup(this.#options, route, PROPOSE, payload, attempt);
    nodes.noteLeader(reply.leaderAddress ?? route.address);
    seen.note(reply);
    return reply;
  }
}

function tooMany(what: string, count: number): DecoraftError {
  const words = `${what}: ${count} commands of this client have no answer yet; it was not sent (see window.maxOpen and window.maxOpenBytes of connect)`;
  return new DecoraftError('Overloaded', words, { data: { appended: false } });
}

/** The cluster did not refuse it for good: it did not answer in time, or had no room for the question. */
function isLateOpening({ cause }: DecoraftError): boolean {
  return cause instanceof DecoraftError && LATE.has(cause.code);
}
