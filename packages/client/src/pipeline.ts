import { DecoraftError, encodeProposal, GROUP_METHOD, type Reply } from '@decoraft/protocol';
import { decodeValue, methodId } from '@decoraft/rpc';
import { callGroup, type GroupCaller, routeOfProposal } from './group-call.js';
import type { Route } from './nodes.js';
import { retryAfterMsOf } from './overload.js';
import type { Question } from './question.js';
import { ATTEMPT_TIMEOUT_MS, isBusy, isTransient, mayHaveReachedLog, pauseMs } from './retry.js';
import type { Session } from './session.js';
import type { Window } from './window.js';

const PROPOSE = methodId(GROUP_METHOD.propose);

export interface PipelineOptions extends GroupCaller {
  readonly session: Session;
  readonly window: Window;
  /** Those that have no number yet, in the order in which they were asked; shared with the next session. */
  readonly waiting: Set<Question>;
  /** A question has ended: by an answer, or by an error. */
  readonly onEnd: (question: Question) => void;
  /** The group says that there is no such session. */
  readonly onExpired: (session: Session, error: DecoraftError) => void;
}

/**
 * What one session asks: many questions under way together, applied in the order in which they were asked.
 *
 * Over one connection they arrive in order. When one of them does not get through, those behind it would be refused,
 * so nothing more is sent; after one back-off for all, everything from that one on is sent again, in order, over the
 * next route. The replicas refuse what comes before its turn, so this only has to be likely, never right.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  /** Those that have a number and no answer, by their numbers, in order. */
  readonly #unanswered = new Map<number, Question>();
  /** Numbers behind `acknowledged` whose questions were given up. */
  readonly #abandoned = new Set<number>();
  /** All unanswered up to this number are under way; those behind it are to be sent (again). */
  #sentUpTo = 0;
  /** How many of the unanswered stand at or before `sentUpTo`. */
  #underWay = 0;
  /** Bytes of these. */
  #underWayBytes = 0;
  /** The last refusal for want of room, while nothing was answered since. */
  #overload: DecoraftError | undefined;
  /** Since the last answer. */
  #failures = 0;
  /** Those of them that put the way to the leader in doubt. */
  #detours = 0;
  /** Looks for a route, or waits before it does; nothing is sent meanwhile. */
  #isRecovering = false;
  /** The session has ended: nothing is sent any more, answers still come. */
  #end: DecoraftError | undefined;
  #isClosed = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  get session(): Session {
    return this.#options.session;
  }

  /** Why those that wait are not sent, where that is for want of room: the group's, or, while many are under way, here. */
  get overload(): DecoraftError | undefined {
    if (this.#overload || this.#underWay === 0) return this.#overload;
    const words = `${this.#underWay} commands were under way before its turn came`;
    return new DecoraftError('Overloaded', words, { data: { appended: false } });
  }

  /** Sends what may be sent. To be called when there is something new. */
  advance(): void {
    if (this.#isRecovering || this.#isClosed || this.#end) return;
    const { nodes, window } = this.#options;
    if (!window.hasRoom(this.#underWay, this.#underWayBytes) || !this.#hasUnsent) return;
    const route = nodes.connectedLeader;
    if (route) this.#fill(route);
    else this.#recover(this.#sentUpTo + 1);
  }

  /** The question was given up: it is never sent again, and what is behind it need not wait for it. */
  abandon(question: Question): void {
    const { origin } = question;
    // It may be one of the session before.
    if (!origin || this.#unanswered.get(origin.sequence) !== question) return;
    this.#abandoned.add(origin.sequence);
    this.#settle(question);
    this.advance();
  }

  /** The session has ended: what is under way may still be answered, everything else has an end now. */
  end(error: DecoraftError): void {
    if (this.#end) return;
    this.#end = error;
    for (const question of this.#unanswered.values()) {
      this.#endUnlessUnderWay(question, question.expired(error));
    }
  }

  /** Nothing is sent any more; what is under way may be answered as long as there are connections. */
  close(): void {
    this.#isClosed = true;
    for (const question of this.#unanswered.values()) this.#endUnlessUnderWay(question, question.late());
  }

  get #hasUnsent(): boolean {
    return this.#sentUpTo < this.session.lastSequence || this.#options.waiting.size > 0;
  }

  #fill(route: Route): void {
    const { window } = this.#options;
    while (window.hasRoom(this.#underWay, this.#underWayBytes)) {
      const question = this.#nextUnsent();
      if (!question) return;
      this.#send(question, route);
    }
  }

  #nextUnsent(): Question | undefined {
    const { session, waiting } = this.#options;
    while (this.#sentUpTo < session.lastSequence) {
      const question = this.#unanswered.get(this.#sentUpTo + 1);
      if (!question) this.#sentUpTo++;
      else return this.#wouldBeRefused(this.#sentUpTo + 1) ? undefined : question;
    }
    const [next] = waiting;
    if (!next) return undefined;
    waiting.delete(next);
    const origin = session.next();
    next.origin = origin;
    this.#unanswered.set(origin.sequence, next);
    return next;
  }

  /** Was refused once: the one before it was given up, and that cannot be said while one before that is unanswered. */
  #wouldBeRefused(sequence: number): boolean {
    return this.#failures > 0 && this.#underWay > 0 && this.#abandoned.has(sequence - 1);
  }

  #send(question: Question, route: Route): void {
    const { ports, session } = this.#options;
    const { options, origin = session.next(), proposalOf } = question;
    this.#sentUpTo = origin.sequence;
    this.#underWay++;
    this.#underWayBytes += question.bytes;
    question.underWay++;
    const number = ++question.tries;
    // Encoded anew for every try: by then the session has acknowledged more, and the replicas may forget it.
    const payload = encodeProposal(proposalOf({ ...origin, acknowledged: session.acknowledged }));
    const leftMs = question.deadlineMs - ports.clock.monotonicMs();
    const { metadata, signal } = options;
    const attempt = { timeoutMs: Math.min(leftMs, ATTEMPT_TIMEOUT_MS), signal, metadata, number };
    callGroup(this.#options, route, PROPOSE, payload, attempt).then(
      (reply) => this.#answered(question, number, reply, route),
      (thrown: unknown) => {
        question.underWay--;
        this.#failed(question, number, thrown);
      },
    );
  }

  #answered(question: Question, number: number, reply: Reply, { address }: Route): void {
    question.underWay--;
    const { nodes, onExpired, seen, session, window } = this.#options;
    nodes.noteLeader(reply.leaderAddress ?? address);
    const refusal = refusalIn(reply) ?? seen.refusal(reply);
    if (refusal?.code === 'SessionExpired') seen.startOver(reply.cluster);
    else if (refusal?.code !== 'ClusterMismatch') seen.note(reply);
    if (question.isOver) return;
    if (refusal?.code === 'SessionExpired') {
      onExpired(session, refusal);
      return this.#failed(question, number, refusal);
    }
    if (refusal) return this.#failed(question, number, refusal);
    this.#failures = 0;
    this.#detours = 0;
    this.#overload = undefined;
    window.grow();
    this.#settle(question);
    this.#options.onEnd(question);
    question.resolve(reply);
    this.advance();
  }

  #failed(question: Question, number: number, thrown: unknown): void {
    if (question.isOver) return;
    const error = DecoraftError.from(thrown);
    // What no retry mends was refused before anything was logged.
    question.mayHaveHappened ||= isTransient(error) && mayHaveReachedLog(thrown);
    const { window } = this.#options;
    if (this.#end) return this.#endUnlessUnderWay(question, question.expired(this.#end));
    if (this.#isClosed) return this.#endUnlessUnderWay(question, question.late());
    // It was sent again meanwhile: that try is the one that counts.
    if (question.tries !== number) return;
    question.lastError = error;
    if (!this.#hasTime(question, error)) return this.#reject(question, question.late());
    if (question.origin && question.args?.adapt(error)) return this.#recover(question.origin.sequence);
    if (!isTransient(error)) return this.#reject(question, question.refused(error));
    if (error.code === 'Overloaded') this.#overload = error;
    // No answer in time is a sign of too much as well: what is sent again then is logged twice.
    const isTooMuch = error.code === 'Overloaded' || error.code === 'DeadlineExceeded';
    if (isTooMuch && !this.#isRecovering) window.shrink(this.#underWay);
    if (question.origin) this.#recover(question.origin.sequence, error);
  }

  /**
   * Where there will be no room before its deadline, the caller had better hear that now; what may have happened is
   * asked for to the end.
   */
  #hasTime({ deadlineMs, mayBeApplied }: Question, error: DecoraftError): boolean {
    const hintMs = mayBeApplied ? 0 : (retryAfterMsOf(error) ?? 0);
    return this.#options.ports.clock.monotonicMs() + hintMs < deadlineMs;
  }

  /** Everything from `sequence` on is to be sent again. */
  #recover(sequence: number, error?: DecoraftError): void {
    if (sequence <= this.#sentUpTo) {
      this.#sentUpTo = sequence - 1;
      this.#underWay = 0;
      this.#underWayBytes = 0;
      for (const [at, { bytes }] of this.#unanswered) {
        if (at >= sequence) break;
        this.#underWay++;
        this.#underWayBytes += bytes;
      }
    }
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    const { ports } = this.#options;
    const delayMs = error ? pauseMs(ports, error, this.#failures) : 0;
    if (error) this.#failures++;
    if (error && !isBusy(error)) this.#detours++;
    // What failed together is heard of before anything is sent again.
    if (delayMs > 0) ports.clock.after(delayMs, () => void this.#resume());
    else void Promise.resolve().then(() => this.#resume());
  }

  async #resume(): Promise<void> {
    let failure: DecoraftError | undefined;
    try {
      if (!this.#hasUnsent || this.#isClosed || this.#end) return;
      const route = await routeOfProposal(this.#options.nodes, this.#detours);
      if (!this.#isClosed && !this.#end) this.#fill(route);
    } catch (thrown) {
      failure = DecoraftError.from(thrown);
    } finally {
      this.#isRecovering = false;
    }
    if (failure) this.#noRoute(failure);
  }

  #noRoute(error: DecoraftError): void {
    for (const question of this.#unanswered.values()) question.lastError ??= error;
    for (const question of this.#options.waiting) question.lastError ??= error;
    if (this.#hasUnsent && !this.#isClosed && !this.#end) this.#recover(this.#sentUpTo + 1, error);
  }

  #endUnlessUnderWay(question: Question, error: DecoraftError): void {
    if (question.underWay === 0) this.#reject(question, error);
  }

  #reject(question: Question, error: DecoraftError): void {
    if (question.isOver) return;
    this.#options.onEnd(question);
    question.reject(error);
    this.abandon(question);
  }

  /** It is answered, or given up. */
  #settle({ bytes, origin }: Question): void {
    if (!origin || !this.#unanswered.delete(origin.sequence)) return;
    if (origin.sequence <= this.#sentUpTo) {
      this.#underWay--;
      this.#underWayBytes -= bytes;
    }
    const { session } = this.#options;
    session.settle(origin);
    if (this.#abandoned.size === 0) return;
    for (const sequence of this.#abandoned) {
      if (sequence <= session.acknowledged) this.#abandoned.delete(sequence);
    }
  }
}

/** What the replicas refused without doing it; `undefined` for an answer. */
function refusalIn({ index, outcome, term }: Reply): DecoraftError | undefined {
  if (outcome.kind === 'value') return undefined;
  const { code, message } = outcome;
  if (code === 'SessionExpired')
    return new DecoraftError(code, message, { data: { appended: false, index, term } });
  if (code !== 'Overloaded' && code !== 'Unavailable') return undefined;
  const data = outcome.data.length === 0 ? undefined : decodeValue(outcome.data);
  const error = new DecoraftError(code, message, { data });
  return mayHaveReachedLog(error) ? undefined : error;
}
