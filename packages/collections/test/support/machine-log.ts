import { isDeepStrictEqual } from 'node:util';
import { stableHash } from '@decoraft/base';
import {
  encodeProposal,
  machineId,
  type OperationId,
  type Outcome,
  type Proposal,
  type SessionId,
  stampProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { type Applied, Replica, type StateMachine } from '@decoraft/state-machine';

const NAME = 'machine';

/** What a command or a query was refused with. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** What the machine's own error said. */
    readonly data: unknown,
  ) {
    super(`${code}: ${message}`);
  }
}

/**
 * One log that is applied to replicas of one machine as it is written, without a cluster: what a model is compared
 * with, command by command. After every entry, all replicas have said the same.
 */
export class MachineLog {
  readonly #make: () => StateMachine;
  readonly #replicas: Replica[] = [];
  #machine!: StateMachine;
  /** What each replica notified since it was asked last. */
  readonly #told = new WeakMap<Replica, unknown[]>();
  readonly #sequences = new Map<SessionId, number>();
  #index = 0;
  #timeMs = 1_000_000;

  /** @param make Makes the machine of a replica. There are two from the beginning. */
  constructor(make: () => StateMachine) {
    this.#make = make;
    this.join();
    this.join();
  }

  /** Of the last entry. */
  get index(): number {
    return this.#index;
  }

  /** Of the last entry, and of the next one. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** Timers that wait, of all replicas alike. */
  get timers(): number {
    return this.#first.timers.count;
  }

  /** What the first replica's machine has in its fields, as plain data: its part of the state. */
  get state(): unknown {
    const fields = Object.entries(this.#machine).filter(([, value]) => typeof value !== 'function');
    return structuredClone(Object.fromEntries(fields));
  }

  get #first(): Replica {
    const [first] = this.#replicas;
    if (!first) throw new Error('there is no replica');
    return first;
  }

  /** One more replica, restored from a snapshot of the first; the oldest but the first leaves when there are many. */
  join(): void {
    const replica = new Replica({ encode: encodeValue, decode: decodeValue });
    const machine = this.#make();
    replica.register(NAME, machine);
    const [first] = this.#replicas;
    if (first) replica.restore(first.snapshot());
    else this.#machine = machine;
    this.#listen(replica);
    this.#replicas.push(replica);
    if (this.#replicas.length > 4) this.#replicas.splice(1, 1);
  }

  #listen(replica: Replica): void {
    const told = [...(this.#told.get(this.#replicas[0] ?? replica) ?? [])];
    this.#told.set(replica, told);
    replica.subscriptions.tap = {
      isHeard: () => true,
      take: (_key, _position, value) => void told.push(decodeValue(value)),
      lost: (_machine, _operation, thrown) => {
        throw thrown;
      },
      skipped: () => undefined,
    };
  }

  /** Later entries are of a later time; what is due happens with the next one. */
  wait(durationMs: number): void {
    this.#timeMs += durationMs;
  }

  /** Time passes, and the leader says so: what is due happens. */
  pass(durationMs: number): void {
    this.wait(durationMs);
    this.#append({ kind: 'advance-time' });
  }

  open(): SessionId {
    const session = this.#append({ kind: 'open-session', timeoutMs: 5_000 }).index as SessionId;
    this.#sequences.set(session, 0);
    return session;
  }

  end(...sessions: readonly SessionId[]): void {
    this.#append({ kind: 'expire-sessions', sessions });
  }

  /** @throws Refused */
  command(session: SessionId, name: string, ...args: readonly unknown[]): unknown {
    return valueOf(
      this.#append({ kind: 'command', origin: this.#origin(session), ...callOf(name, args) }).outcome,
    );
  }

  /** @throws Refused */
  query(name: string, ...args: readonly unknown[]): unknown {
    const request = { consistency: 'local', minIndex: 0, ...callOf(name, args) } as const;
    const [first, ...others] = this.#replicas.map((replica) => valueOf(replica.query(request)));
    for (const other of others) mustBeEqual(other, first, `two replicas answer ${name} differently`);
    return first;
  }

  subscribe(session: SessionId, name: string, ...parameters: readonly unknown[]): SubscriptionId {
    const proposal = {
      kind: 'subscribe',
      origin: this.#origin(session),
      ...callOf(name, parameters),
    } as const;
    const { index, outcome } = this.#append(proposal);
    valueOf(outcome);
    return index as SubscriptionId;
  }

  /** What was notified since this was asked last, whoever it is for. */
  takeTold(): readonly unknown[] {
    const [first, ...others] = this.#replicas.map((replica) => this.#told.get(replica)?.splice(0));
    for (const other of others) mustBeEqual(other, first, 'two replicas notify differently');
    return first ?? [];
  }

  /** All that a subscription was notified of since it began. */
  heard(subscription: SubscriptionId): readonly unknown[] {
    const [first, ...others] = this.#replicas.map((replica) =>
      replica.subscriptions.get(subscription)?.pending.map(({ value }) => decodeValue(value)),
    );
    for (const other of others) mustBeEqual(other, first, 'two replicas notify differently');
    return first ?? [];
  }

  /** @throws Error when two replicas are not in the same state. */
  mustAgree(): void {
    const hashes = this.#replicas.map((replica) => replica.stateHash());
    mustBeEqual(new Set(hashes).size, 1, 'the replicas are in different states');
  }

  #origin(session: SessionId) {
    const sequence = (this.#sequences.get(session) ?? 0) + 1;
    this.#sequences.set(session, sequence);
    // As a client does that waits for each answer.
    return { session, sequence, acknowledged: sequence - 1 };
  }

  #append(proposal: Proposal): Applied {
    this.#index += 1;
    const data = stampProposal(this.#timeMs, encodeProposal(proposal));
    const entry = { index: this.#index, term: 1, data };
    const applied = this.#first.apply(entry);
    for (const other of this.#replicas.slice(1)) {
      mustBeEqual(other.apply(entry), applied, 'two replicas make something else of an entry');
    }
    for (const effect of applied.effects ?? []) {
      throw new Error(`what ran by itself has failed: ${JSON.stringify(effect)}`);
    }
    return applied;
  }
}

function callOf(name: string, args: readonly unknown[]) {
  return {
    machine: machineId(NAME),
    operation: stableHash(name) as OperationId,
    args: encodeValue(args),
  };
}

function valueOf(outcome: Outcome): unknown {
  if (outcome.kind === 'value') return outcome.value.length === 0 ? undefined : decodeValue(outcome.value);
  const data = outcome.data.length === 0 ? undefined : decodeValue(outcome.data);
  throw new Refused(outcome.code, outcome.message, data);
}

function mustBeEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(what);
}
