import { assertInvariant, plainMessage, unreachable, wideHash } from '@decoraft/base';
import {
  DecoraftError,
  type CommandProposal,
  decodeStampedProposal,
  type Outcome,
  type Proposal,
  type QueryRequest,
  type SessionId,
  type SubscribeProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import type { ValueCodec } from './codec.js';
import { MachineHost } from './machine-host.js';
import type { StateMachine } from './machine.js';
import { type GivenReply, Sessions } from './sessions.js';
import { decodeImage, encodeImage } from './state/image.js';
import { Subscriptions, subscriptionKey } from './subscriptions.js';

/** What one entry did: the same on every replica. The leader acts on it, the others keep it. */
export interface Applied {
  readonly index: number;
  readonly term: number;
  readonly outcome: Outcome;
  /** Sessions whose event streams have something new to say. */
  readonly sessionsWithEvents: readonly SessionId[];
}

/** Where an entry stands in the log, and its data. */
export interface LogEntry {
  readonly index: number;
  readonly term: number;
  readonly data: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);
const NO_SESSIONS: readonly SessionId[] = [];
const NO_VALUE: Outcome = { kind: 'value', value: NO_BYTES };

/**
 * The replicated state of one group: sessions, subscriptions, log time, and every machine. A pure function of
 * the log: no clock, no network, no promise. No entry can make it throw.
 */
export class Replica {
  readonly machines: MachineHost;
  readonly sessions = new Sessions();
  readonly subscriptions = new Subscriptions();
  readonly #codec: ValueCodec;
  #time = 0;
  #applied = 0;
  /** Of the entry that is being applied. */
  #sessionsWithEvents: readonly SessionId[] = NO_SESSIONS;

  constructor(codec: ValueCodec) {
    this.#codec = codec;
    this.machines = new MachineHost(codec, this.subscriptions);
  }

  /** The time of the last entry, in milliseconds since 1970; never decreases. */
  get time(): number {
    return this.#time;
  }

  /** The index of the last entry that was applied. */
  get appliedIndex(): number {
    return this.#applied;
  }

  /**
   * Hosts a machine under a name. When an image was restored before that has a part for this name, the machine
   * becomes what the part says.
   *
   * @throws DecoraftError `InvalidArgument` when the class is not sound, its initial state cannot be kept in a
   * snapshot, or the name's id is taken; `Corrupted` or `Internal` when its part cannot be restored.
   */
  register(name: string, instance: StateMachine): void {
    this.machines.register(name, instance);
  }

  /** Passes over an entry that belongs to Raft itself. */
  skip(index: number): void {
    this.#advance(index);
  }

  /** Applies the next entry. */
  apply(entry: LogEntry): Applied {
    this.#advance(entry.index);
    this.#sessionsWithEvents = NO_SESSIONS;
    try {
      const { time, proposal } = decodeStampedProposal(entry.data);
      if (time > this.#time && Number.isFinite(time)) this.#time = time;
      const { index, outcome, term } = this.#execute(proposal, entry);
      return { index, term, outcome, sessionsWithEvents: this.#sessionsWithEvents };
    } catch (thrown) {
      const { index, term } = entry;
      return { index, term, outcome: this.#failure(thrown), sessionsWithEvents: NO_SESSIONS };
    }
  }

  /**
   * All of the replicated state in one image, at {@link appliedIndex} (§7): log time, sessions with the answers that
   * make retries safe, subscriptions with their undelivered events, and every machine. Equal on all replicas that
   * have applied the same log and host the same machines. It shares no memory with the replica.
   *
   * @throws DecoraftError `InvalidArgument` that names machine and field of what is not data; `Internal` when a
   * machine's own `snapshot()` throws. The replica is as it was, and may go on.
   */
  snapshot(): Uint8Array {
    return encodeImage({
      index: this.#applied,
      time: this.#time,
      sessions: [...this.sessions.all()],
      subscriptions: [...this.subscriptions.all()],
      ended: [...this.subscriptions.allEnded()],
      parts: this.machines.parts(),
    });
  }

  /**
   * Becomes what another replica, or this one before a restart, was at its {@link snapshot}; the next entry is the
   * one behind it. Machines stay the same objects. A machine that has no part in the image becomes what it was when
   * it was registered; a part whose machine is not registered is kept for it.
   *
   * @param image Is not kept.
   * @throws DecoraftError `Corrupted` that names what is wrong in the image, `InvalidArgument` when it is older than
   * what was applied: then nothing has changed. `Internal` when a machine's own `restore()` or `restored()` throws:
   * then the replica is half restored, and whoever holds it must stop.
   */
  restore(image: Uint8Array): void {
    const { ended, index, parts, sessions, subscriptions, time } = decodeImage(image);
    if (index < this.#applied) {
      throw new DecoraftError('InvalidArgument', `an image at ${index} is older than ${this.#applied}`);
    }
    const machines = this.machines.decode(parts);
    // Machines first: only their own code can fail from here on.
    this.machines.install(machines);
    this.sessions.restore(sessions);
    this.subscriptions.restore(subscriptions, ended);
    this.#applied = index;
    this.#time = time;
    this.machines.announceRestored();
  }

  /**
   * 128 bits over all of the replicated state, in hexadecimal digits: equal on all replicas at an equal
   * {@link appliedIndex}, whether they applied every entry or were restored in between. For finding divergence, and
   * as expensive as {@link snapshot}.
   *
   * @throws DecoraftError as {@link snapshot} does.
   */
  stateHash(): string {
    return wideHash(this.snapshot());
  }

  /** Answers a query from the state as it is. Never throws: what goes wrong is the answer. */
  query(request: QueryRequest): Outcome {
    try {
      return { kind: 'value', value: this.machines.query(request) };
    } catch (thrown) {
      return this.#failure(thrown);
    }
  }

  /**
   * What of a proposal can be refused before it reaches the log.
   *
   * @throws DecoraftError `NotFound`, `Unimplemented`, `InvalidArgument`
   */
  check(proposal: Proposal): void {
    if (proposal.kind === 'command') this.machines.check('cmd', proposal);
    if (proposal.kind === 'subscribe') this.machines.check('sub', proposal);
  }

  #advance(index: number): void {
    assertInvariant(index === this.#applied + 1, `entry ${index} is applied after ${this.#applied}`);
    this.#applied = index;
  }

  #execute(proposal: Proposal, entry: LogEntry): GivenReply {
    const { index, term } = entry;
    const reply = (outcome: Outcome): GivenReply => ({ index, term, outcome });
    switch (proposal.kind) {
      case 'command':
        return this.sessions.once(proposal.origin, () => reply(this.#command(proposal, entry)));
      case 'open-session':
        this.sessions.open(index as SessionId, proposal.timeoutMs);
        return reply(NO_VALUE);
      case 'close-session':
        this.#endSession(proposal.session);
        return reply(NO_VALUE);
      case 'expire-sessions':
        for (const session of proposal.sessions) this.#endSession(session);
        return reply(NO_VALUE);
      case 'subscribe':
        return this.sessions.once(proposal.origin, () =>
          reply(this.#subscribe(proposal, index as SubscriptionId)),
        );
      case 'unsubscribe':
        return this.sessions.once(proposal.origin, () => {
          this.subscriptions.remove(proposal.subscription);
          return reply(NO_VALUE);
        });
      case 'acknowledge-events':
        for (const { subscription, position } of proposal.positions) {
          this.subscriptions.acknowledge(subscription, position);
        }
        return reply(NO_VALUE);
      default:
        return unreachable(proposal);
    }
  }

  #command(proposal: CommandProposal, entry: LogEntry): Outcome {
    try {
      const { result, notifications } = this.machines.command(proposal, {
        index: entry.index,
        term: entry.term,
        time: this.#time,
        session: proposal.origin.session,
      });
      for (const { key, ordinal, value } of notifications) {
        const event = { position: { index: entry.index, ordinal }, value };
        const sessions = this.subscriptions.publish(key, event);
        if (sessions.length > 0) this.#sessionsWithEvents = [...this.#sessionsWithEvents, ...sessions];
      }
      return { kind: 'value', value: result };
    } catch (thrown) {
      return this.#failure(thrown);
    }
  }

  #subscribe(proposal: SubscribeProposal, id: SubscriptionId): Outcome {
    try {
      const parameters = this.machines.arguments('sub', proposal);
      const key = subscriptionKey(proposal.machine, proposal.operation, parameters);
      this.subscriptions.add(id, proposal.origin.session, key);
      return NO_VALUE;
    } catch (thrown) {
      return this.#failure(thrown);
    }
  }

  #endSession(session: SessionId): void {
    this.sessions.remove(session);
    this.subscriptions.removeSession(session);
  }

  #failure(thrown: unknown): Outcome {
    const error = DecoraftError.from(thrown);
    const data = this.#encodeData(error.data);
    return { kind: 'error', code: error.code, message: plainMessage(error), data };
  }

  /** The data of a user's error is encoded where it can be; an error is never lost for its data. */
  #encodeData(data: unknown): Uint8Array {
    if (data === undefined) return NO_BYTES;
    try {
      return this.#codec.encode(data);
    } catch {
      return NO_BYTES;
    }
  }
}
