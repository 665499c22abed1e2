import { assertInvariant, unreachable, wideHash } from '@decoraft/base';
import {
  DecoraftError,
  decodeStampedProposal,
  type MachineHash,
  type Outcome,
  type Proposal,
  type QueryRequest,
  type SessionId,
  type SubscribeProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import { AgreedLimits } from './agreed-limits.js';
import type { Applied, LogEntry } from './applied.js';
import { CannotRun } from './cannot-run.js';
import { CheckView } from './check-view.js';
import type { ValueCodec } from './codec.js';
import { Consequences } from './consequences.js';
import { EntryCommands } from './entry-commands.js';
import { failureOf, NO_VALUE } from './failure.js';
import { MachineHost } from './machine-host.js';
import type { StateMachine } from './machine.js';
import { type GivenReply, Sessions } from './sessions.js';
import { encodeHead, type ReplicaImage } from './state/image.js';
import { ImageReader } from './state/image-stream.js';
import { atOnce, type GiveWay, piecewise } from './state/in-pieces.js';
import { joinBytes } from './state/join-bytes.js';
import { ReplicaView } from './state/replica-view.js';
import { StateChecks } from './state-checks.js';
import { FrozenQueries, unguarded } from './query-guard.js';
import type { ReplicaOptions } from './replica-options.js';
import { Subscriptions, subscriptionKey } from './subscriptions.js';
import { Timers } from './timers.js';

/**
 * The replicated state of one group: sessions, subscriptions, timers, log time, and every machine. A pure function of
 * the log: no clock, no network, no promise. No entry can make it throw, but one that its code cannot run: see
 * {@link Replica.apply}.
 */
export class Replica {
  readonly machines: MachineHost;
  readonly limits = new AgreedLimits();
  readonly sessions = new Sessions(this.limits);
  readonly subscriptions = new Subscriptions(this.limits);
  readonly timers = new Timers(this.limits);
  readonly #codec: ValueCodec;
  #time = 0;
  #applied = 0;
  readonly #consequences = new Consequences();
  readonly #commands: EntryCommands;
  readonly #hashesBeside: () => readonly MachineHash[];
  readonly #checks = new StateChecks();
  readonly #checkView = new CheckView();

  constructor(codec: ValueCodec, options: ReplicaOptions = {}) {
    const { hashesBeside = () => [], freezeQueries = false, onCommandDiffered } = options;
    this.#codec = codec;
    this.#hashesBeside = hashesBeside;
    const { subscriptions, timers } = this;
    const guard = freezeQueries ? new FrozenQueries() : unguarded;
    this.machines = new MachineHost(codec, subscriptions, timers, guard, onCommandDiffered);
    const consequences = this.#consequences;
    this.#commands = new EntryCommands({
      codec,
      machines: this.machines,
      subscriptions,
      timers,
      consequences,
    });
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

  /**
   * Applies the next entry: first what the timers do that are due at its time, then what it asks for itself.
   *
   * @throws DecoraftError `SchemaMismatch` when this build cannot run the entry as the group has agreed on: nothing of it
   * has happened, and whoever holds the replica must stop.
   */
  apply(entry: LogEntry): Applied {
    this.#advance(entry.index);
    this.#consequences.reset();
    const { index, outcome, term } = this.#answer(entry);
    return this.#consequences.of({ index, term, outcome });
  }

  /**
   * All of the replicated state as it is now (§7), to be read while entries are applied: log time, sessions with the
   * answers that make retries safe, subscriptions with their undelivered events, timers, and every machine. What
   * belongs to no machine is written here and now; of a machine, only what has to be: see `StateMachine.snapshot`.
   *
   * A machine without a snapshot of its own is written while it is read, piece by piece, and all that is left of it at
   * once when the next command for it is applied, unless {@link settleViews} was waited for.
   *
   * @returns What has to be read to its end, or closed.
   * @throws DecoraftError `InvalidArgument` that names machine and field of what is not data; `Internal` when a
   * machine's own `snapshot()` throws. The replica is as it was, and may go on.
   */
  view(): ReplicaView {
    const head = encodeHead({
      index: this.#applied,
      time: this.#time,
      sessions: [...this.sessions.all()],
      subscriptions: this.subscriptions.image(),
      limits: this.limits.agreed,
      timers: this.timers.all(),
      agreed: this.machines.agreement.all,
    });
    const beside = this.#hashesBeside();
    return new ReplicaView({ index: this.#applied, head, beside, parts: this.machines.view() });
  }

  /**
   * Writes ahead what open views have not read yet, piece by piece, so that no command has to do it at once. Whoever
   * would rather have commands wait than the event loop waits for this before it applies the next entry.
   *
   * @param giveWay Waited for after every piece. Until the promise resolves, nothing is applied and nothing restored.
   */
  async settleViews(giveWay: GiveWay): Promise<void> {
    while (!this.machines.settleSome()) await giveWay();
  }

  /**
   * The chunks of a {@link view} in one array, made at once. Equal on all replicas that have applied the same log and
   * host the same machines. It shares no memory with the replica.
   *
   * @throws DecoraftError as `ReplicaView.chunks` does; `Unimplemented` when a machine's `snapshot()` waits.
   */
  snapshot(): Uint8Array {
    return joinBytes([...this.view().chunksNow()]);
  }

  /**
   * Becomes what another replica, or this one before a restart, was at its {@link snapshot}; the next entry is the
   * one behind it. Machines stay the same objects. A machine that has no part in the image becomes what it was when
   * it was registered; a part whose machine is not registered is kept for it.
   *
   * @param image Is not kept.
   * @throws DecoraftError `Corrupted` that names what is wrong in the image, `InvalidArgument` when it is older than
   * what was applied, `Unimplemented` when a machine's `restore()` waits: then nothing has changed. `Internal` when a
   * machine's own `restore()` or `restored()` throws: then the replica is half restored, and whoever holds it must
   * stop.
   */
  restore(image: Uint8Array): void {
    this.machines.refuseToWait();
    const reader = new ImageReader();
    reader.push(image);
    const read = this.#readImage(reader);
    const machines = atOnce(this.machines.decode(read));
    // Machines first: only their own code can fail from here on.
    this.machines.install(machines);
    this.#finishRestore(read);
  }

  /**
   * As {@link restore}, from the chunks of a {@link view} however they are cut, and for machines whose `restore()`
   * waits as well. Nothing has changed until all chunks have come and were found to be sound. Until it resolves,
   * whoever holds the replica applies, queries, registers and restores nothing.
   *
   * @param chunks Are not kept. What they throw is thrown, and nothing has changed.
   * @param giveWay Waited for after every piece of what was read, so that others have their turn.
   */
  async restoreFrom(chunks: AsyncIterable<Uint8Array>, giveWay: GiveWay = async () => {}): Promise<void> {
    const reader = new ImageReader();
    for await (const chunk of chunks) reader.push(chunk);
    const read = this.#readImage(reader);
    await this.machines.whenInitial();
    const machines = await piecewise(this.machines.decode(read), giveWay);
    await this.machines.installLater(machines, giveWay);
    this.#finishRestore(read);
  }

  #readImage(reader: ImageReader): ReplicaImage {
    const image = reader.end();
    if (image.index >= this.#applied) return image;
    throw new DecoraftError('InvalidArgument', `an image at ${image.index} is older than ${this.#applied}`);
  }

  #finishRestore({ index, limits, sessions, subscriptions, time, timers }: ReplicaImage): void {
    this.limits.restore(limits);
    this.sessions.restore(sessions);
    this.subscriptions.restore(subscriptions);
    this.subscriptions.tap?.skipped(this.#applied, index);
    this.timers.restore(timers ?? []);
    this.#applied = index;
    this.#time = time;
    this.machines.announceRestored();
  }

  /**
   * 128 bits over {@link snapshot}, in hexadecimal digits: equal on all replicas at an equal {@link appliedIndex}. For
   * tests, and as expensive; a group that serves compares {@link takeCheck}.
   */
  stateHash(): string {
    return wideHash(this.snapshot());
  }

  /**
   * The view of the state at the last entry that asked for a check, if it was at `index` and nobody has taken it yet.
   * Whoever takes it reads or closes it.
   */
  takeCheck(index: number): ReplicaView | undefined {
    return this.#checkView.take(index);
  }

  /** Answers a query from the state as it is. Never throws: what goes wrong is the answer. */
  query(request: Omit<QueryRequest, 'cluster'>): Outcome {
    try {
      return { kind: 'value', value: this.machines.query(request) };
    } catch (thrown) {
      return failureOf(this.#codec, thrown);
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

  #answer(entry: LogEntry): GivenReply {
    try {
      const { time, proposal } = decodeStampedProposal(entry.data);
      const isFresh = this.#time === 0;
      this.machines.refuse(proposal, isFresh);
      if (time > this.#time && Number.isFinite(time)) this.#time = time;
      this.#commands.begin(entry, this.#time);
      for (const session of this.sessions.takeLost()) this.#endSession(session);
      return this.#execute(proposal, entry, isFresh);
    } catch (thrown) {
      if (thrown instanceof CannotRun) return this.#cannotRun(entry, thrown);
      const { index, term } = entry;
      return { index, term, outcome: failureOf(this.#codec, thrown) };
    }
  }

  #cannotRun({ index }: LogEntry, { error }: CannotRun): never {
    this.#applied = index - 1;
    throw error;
  }

  #execute(proposal: Proposal, entry: LogEntry, isFresh: boolean): GivenReply {
    const { index, term } = entry;
    const reply = (outcome: Outcome): GivenReply => ({ index, term, outcome });
    switch (proposal.kind) {
      case 'command':
        return this.sessions.once(proposal.origin, () => reply(this.#commands.run(proposal)));
      case 'open-session':
        this.sessions.open(index as SessionId, proposal);
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
          this.#consequences.tell(this.subscriptions.remove(proposal.subscription, proposal.origin.session));
          return reply(NO_VALUE);
        });
      case 'acknowledge-events':
        for (const { subscription, position } of proposal.positions) {
          this.subscriptions.acknowledge(subscription, position);
        }
        return reply(NO_VALUE);
      case 'events-seen':
        for (const { position, subscriptions } of proposal.places) {
          for (const id of subscriptions) this.subscriptions.acknowledge(id, position);
        }
        return reply(NO_VALUE);
      case 'state-check':
        this.#checks.begin(index, proposal.nodes);
        this.#consequences.follow([{ kind: 'state-check-due', index, nodes: proposal.nodes }]);
        this.#checkView.open(() => this.view());
        return reply(NO_VALUE);
      case 'state-hashes':
        this.#consequences.follow(this.#checks.hear(proposal, (machine) => this.machines.nameOf(machine)));
        return reply(NO_VALUE);
      case 'configure':
        this.limits.configure(proposal);
        return reply(NO_VALUE);
      case 'advance-time':
        return reply(NO_VALUE);
      case 'agree-machines':
        this.#consequences.follow(this.machines.agree(proposal, { index, isFresh }));
        return reply(NO_VALUE);
      default:
        return unreachable(proposal);
    }
  }

  #subscribe(proposal: SubscribeProposal, id: SubscriptionId): Outcome {
    try {
      const parameters = this.machines.arguments('sub', proposal);
      const key = subscriptionKey(proposal.machine, proposal.operation, parameters);
      this.subscriptions.add(id, proposal.origin.session, key);
      return NO_VALUE;
    } catch (thrown) {
      return failureOf(this.#codec, thrown);
    }
  }

  #endSession(session: SessionId): void {
    const hasBegun = this.sessions.remove(session);
    this.subscriptions.removeSession(session);
    this.#consequences.tell([{ kind: 'session-over', session }]);
    if (hasBegun) this.#commands.endSession(session);
  }
}
