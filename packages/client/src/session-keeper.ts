import { plainMessage } from '@decoraft/base';
import { DecoraftError, encodeProposal, type Reply, type SessionId } from '@decoraft/protocol';
import { resultOf } from './group-call.js';
import { isTransient } from './retry.js';
import { Session } from './session.js';

/**
 * What follows when the cluster has ended this client's session: `fail` lets every call that needs one reject with
 * `SessionExpired` until a new one is asked for; `renew` begins a new one with the next such call.
 */
export type OnSessionExpired = 'fail' | 'renew';

/** The session of a client has ended, and with it its subscriptions and the answers kept for its retries. */
export interface SessionExpired {
  /** The id of the session: the log index at which it began. */
  readonly session: number;
  /** `SessionExpired` */
  readonly error: DecoraftError;
}

export interface SessionKeeperOptions {
  readonly timeoutMs: number;
  readonly onExpired: OnSessionExpired;
  /** Agrees on a proposal that belongs to no session, as often as it takes. */
  readonly propose: (payload: Uint8Array) => Promise<Reply>;
}

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly session: Promise<Session> }
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'expired'; readonly error: DecoraftError };

const NONE: State = { kind: 'none' };

/** One session at a time: opened when it is first needed, and after its end only when the user says so. */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #listeners = new Set<(event: SessionExpired) => void>();
  #state: State = NONE;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** The session, while there is one. */
  get session(): Session | undefined {
    return this.#state.kind === 'open' ? this.#state.session : undefined;
  }

  /** Why there is none, and none will begin by itself. */
  get expired(): DecoraftError | undefined {
    return this.#state.kind === 'expired' ? this.#state.error : undefined;
  }

  /** Called once for each session that the cluster has ended. */
  onExpired(listener: (event: SessionExpired) => void): void {
    this.#listeners.add(listener);
  }

  /** One session for all who ask. @throws DecoraftError `SessionExpired`, `Unavailable`, `Overloaded` */
  begin(): Promise<Session> {
    switch (this.#state.kind) {
      case 'open':
      case 'opening':
        return Promise.resolve(this.#state.session);
      case 'expired':
        return Promise.reject(this.#state.error);
      default:
        return this.#begin();
    }
  }

  /** Lets a new session begin where the last one has ended. */
  renew(): void {
    if (this.#state.kind === 'expired') this.#state = NONE;
  }

  /** The cluster has ended this session, as one of its answers says. */
  end(session: SessionId, error: DecoraftError): void {
    if (this.session?.id !== session) return;
    this.#state = this.#options.onExpired === 'fail' ? { kind: 'expired', error } : NONE;
    for (const listener of this.#listeners) listener({ session, error });
  }

  /** Lets go of the session without a word. @returns It, where there was one. */
  take(): Session | undefined {
    const { session } = this;
    this.#state = NONE;
    return session;
  }

  #begin(): Promise<Session> {
    const opening = this.#open();
    const state: State = { kind: 'opening', session: opening };
    this.#state = state;
    const become = (next: State): void => {
      if (this.#state === state) this.#state = next;
    };
    opening.then(
      (session) => become({ kind: 'open', session }),
      () => become(NONE),
    );
    return opening;
  }

  async #open(): Promise<Session> {
    const { propose, timeoutMs } = this.#options;
    const proposal = encodeProposal({ kind: 'open-session', timeoutMs, isOrdered: true });
    const reply = await propose(proposal).catch((cause: unknown) => {
      const { code } = DecoraftError.from(cause);
      if (code === 'ClusterMismatch') throw cause;
      // Whatever became of the session, the command that wanted it was never sent.
      const isLate = code === 'Indeterminate' || code === 'Cancelled' || isTransient(cause);
      const data = { appended: false };
      if (isLate && code !== 'Overloaded') {
        throw new DecoraftError('Unavailable', 'no session could be opened', { cause, data });
      }
      // Who was refused hears by which code: nothing becomes of it by trying later.
      throw new DecoraftError(code, `no session could be opened: ${plainMessage(cause)}`, { cause, data });
    });
    resultOf(reply);
    return new Session(reply.index as SessionId);
  }
}
