import {
  DecoraftError,
  encodeProposal,
  GROUP_METHOD,
  type Origin,
  type Proposal,
  type Reply,
  type SessionId,
} from '@decoraft/protocol';
import { encodeValue, methodId } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { callGroup, type GroupCaller, idsOf, type MachineCall, resultOf, within } from './group-call.js';
import { type Attempt, limited, retry, type RetryOutcome } from './retry.js';
import { Session } from './session.js';
import { Window } from './window.js';

const PROPOSE = methodId(GROUP_METHOD.propose);
/** Commands of one client that are under way at once; the others wait here, where waiting costs no one anything. */
const IN_FLIGHT_LIMIT = 2_048;

export interface CommandsOptions extends GroupCaller {
  readonly sessionTimeoutMs: number;
}

/** Commands with all that makes them safe to retry: one session, and one sequence number a command (thesis §6.3). */
export class Commands {
  readonly #options: CommandsOptions;
  #session: Promise<Session> | undefined;
  /** The session once it has been opened. */
  #opened: Session | undefined;
  readonly #window = new Window(IN_FLIGHT_LIMIT);

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** The session, where one has been asked for. */
  get openSession(): Promise<Session> | undefined {
    return this.#session;
  }

  /** The session ended: the next call that needs one begins a new one. */
  dropSession(): void {
    this.#session = undefined;
    this.#opened = undefined;
  }

  async command(call: MachineCall, options: CallOptions): Promise<unknown> {
    const args = encodeValue(call.args);
    const reply = await this.ask(call, options, (origin) => ({
      kind: 'command',
      origin,
      ...idsOf(call),
      args,
    }));
    return resultOf(reply);
  }

  /** A question with an identity, asked until it is answered, and answered once. */
  async ask(
    call: MachineCall,
    options: CallOptions,
    proposalOf: (origin: Origin) => Proposal,
  ): Promise<Reply> {
    const what = `${call.machine}.${call.name}`;
    const { clock } = this.#options.ports;
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    const left = () => ({ ...options, timeoutMs: deadlineMs - clock.monotonicMs() });
    if (!this.#window.tryEnter()) await this.#waitForRoom(what, options);
    try {
      const session = this.#opened ?? (await this.#waitForSession(what, left));
      return await this.#askAs(session, what, left(), proposalOf);
    } finally {
      this.#window.leave();
    }
  }

  async #waitForRoom(what: string, options: CallOptions): Promise<void> {
    const ticket = this.#window.wait();
    try {
      await this.#limited(ticket.entered, what, options);
    } catch (thrown) {
      ticket.giveUp();
      throw thrown;
    }
  }

  /** One opening has a limit of its own, which may be over long before the caller's: then there is another one. */
  async #waitForSession(what: string, left: () => CallOptions & { timeoutMs: number }): Promise<Session> {
    for (;;) {
      try {
        return await this.#limited(this.#begin(), what, left());
      } catch (thrown) {
        const { closed } = this.#options.ports;
        if (!isLateOpening(thrown) || closed.aborted || left().timeoutMs <= 0) throw thrown;
      }
    }
  }

  #limited<Result>(work: Promise<Result>, what: string, options: CallOptions): Promise<Result> {
    return limited(this.#options.ports, options, work, () => lateSession(what, options));
  }

  async #askAs(
    session: Session,
    what: string,
    options: CallOptions,
    proposalOf: (origin: Origin) => Proposal,
  ): Promise<Reply> {
    const origin = session.next();
    // Encoded anew for every try: by then the session has acknowledged more, and the replicas may forget it.
    const encode = (): Uint8Array =>
      encodeProposal(proposalOf({ ...origin, acknowledged: session.acknowledged }));
    try {
      const reply = await this.#propose(encode, options, what);
      if (isExpired(reply) && this.#opened === session) this.dropSession();
      return reply;
    } finally {
      session.settle(origin);
    }
  }

  /** Tells the cluster that the session is over, where that can be told at once: else it ends by its timeout. */
  async closeSession(timeoutMs: number): Promise<void> {
    const session = this.#opened;
    this.dropSession();
    if (!session || !this.#options.nodes.isConnected) return;
    const payload = encodeProposal({ kind: 'close-session', session: session.id });
    await this.#proposeOnce(payload, { timeoutMs, signal: undefined, number: 0 });
  }

  /** One session for all who ask: it has a limit of its own, and each of them waits as long as they like. */
  #begin(): Promise<Session> {
    if (this.#session) return this.#session;
    const opening = this.#open();
    this.#session = opening;
    opening.then(
      (session) => (this.#opened = session),
      () => this.#drop(opening),
    );
    return opening;
  }

  #drop(session: Promise<Session>): void {
    if (this.#session === session) this.dropSession();
  }

  async #open(): Promise<Session> {
    const proposal = encodeProposal({ kind: 'open-session', timeoutMs: this.#options.sessionTimeoutMs });
    const reply = await this.#propose(() => proposal, {}, 'the session').catch((cause: unknown) => {
      // Whatever became of the session, the command that wanted it was never sent.
      throw new DecoraftError('Unavailable', 'no session could be opened', { cause });
    });
    resultOf(reply);
    return new Session(reply.index as SessionId);
  }

  #propose(encode: () => Uint8Array, options: CallOptions, what: string): Promise<Reply> {
    return retry(
      this.#options.ports,
      options,
      (attempt) => this.#proposeOnce(encode(), attempt),
      (outcome) => endOfCommand(what, options, outcome),
    );
  }

  async #proposeOnce(payload: Uint8Array, attempt: Attempt): Promise<Reply> {
    const { nodes } = this.#options;
    // Who cannot reach the one that it takes for the leader asks another one, now and then, to pass it on.
    const route =
      attempt.number % 4 === 3
        ? await nodes.toAny(attempt.signal)
        : (nodes.connectedLeader ?? (await nodes.toLeader(attempt.signal)));
    const reply = await callGroup(this.#options, route, PROPOSE, payload, attempt);
    nodes.noteLeader(reply.leaderAddress ?? route.address);
    this.#options.seen.note(reply.index);
    refuseOverloaded(reply);
    return reply;
  }
}

/** The replicas had no room for another answer of this session, and did nothing: there may be room soon. */
function refuseOverloaded({ outcome }: Reply): void {
  if (outcome.kind !== 'error' || outcome.code !== 'Overloaded') return;
  throw new DecoraftError('Overloaded', outcome.message, { data: { appended: false } });
}

function isExpired({ outcome }: Reply): boolean {
  return outcome.kind === 'error' && outcome.code === 'SessionExpired';
}

/** The cluster did not refuse it: it did not answer in time. */
function isLateOpening(thrown: unknown): boolean {
  if (!(thrown instanceof DecoraftError && thrown.cause instanceof DecoraftError)) return false;
  return thrown.cause.code === 'Unavailable' || thrown.cause.code === 'Indeterminate';
}

function lateSession(what: string, options: CallOptions): DecoraftError {
  return new DecoraftError('Unavailable', `${what} found no leader ${within(options)}; it was not sent`);
}

function endOfCommand(what: string, options: CallOptions, outcome: RetryOutcome): DecoraftError {
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
  const words = `${what} found no leader ${within(options)}; it was not applied`;
  return new DecoraftError('Unavailable', words, { cause });
}
