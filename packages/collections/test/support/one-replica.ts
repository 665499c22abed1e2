import { stableHash } from '@decoraft/base';
import {
  DecoraftError,
  encodeProposal,
  machineId,
  type OperationId,
  type Proposal,
  type SessionId,
  stampProposal,
} from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { Replica, type StateMachine } from '@decoraft/state-machine';

const NAME = 'machine';
const CODEC = { encode: encodeValue, decode: decodeValue };

/** One replica with one machine, in a log of the test's own: no clock, no network. Time is what the test says. */
export class OneReplica {
  readonly #create: () => StateMachine;
  readonly #sequences = new Map<number, number>();
  readonly #told: unknown[] = [];
  #replica: Replica;
  #index = 0;
  timeMs = 1_000;

  constructor(create: () => StateMachine) {
    this.#create = create;
    this.#replica = this.#start();
  }

  get index(): number {
    return this.#index;
  }

  openSession(): number {
    const session = this.#append({ kind: 'open-session', timeoutMs: 60_000 }).index;
    this.#sequences.set(session, 0);
    return session;
  }

  endSession(...sessions: readonly number[]): void {
    this.#append({ kind: 'expire-sessions', sessions: sessions as readonly SessionId[] });
  }

  /** Nothing happens, at this time: but timers. */
  pass(durationMs: number): void {
    this.timeMs += durationMs;
    this.#append({ kind: 'advance-time' });
  }

  /** Runs a command of the machine, and gives its result. @throws DecoraftError As the command's caller hears. */
  run(session: number, name: string, ...args: readonly unknown[]): unknown {
    const sequence = (this.#sequences.get(session) ?? 0) + 1;
    this.#sequences.set(session, sequence);
    const origin = { session: session as SessionId, sequence, acknowledged: sequence - 1 };
    const { outcome } = this.#append({ kind: 'command', origin, ...this.#call(name, args) });
    return valueOf(outcome);
  }

  query(name: string, ...args: readonly unknown[]): unknown {
    return valueOf(this.#replica.query({ consistency: 'local', minIndex: 0, ...this.#call(name, args) }));
  }

  /** What was notified since this was asked last, whoever it is for. */
  takeTold(): readonly unknown[] {
    return this.#told.splice(0);
  }

  /** Goes on as another replica that has only a snapshot. */
  moveOver(): void {
    const image = this.#replica.snapshot();
    this.#replica = this.#start();
    this.#replica.restore(image);
  }

  #start(): Replica {
    const replica = new Replica(CODEC);
    replica.register(NAME, this.#create());
    replica.subscriptions.tap = {
      isHeard: () => true,
      take: (_key, _position, value) => void this.#told.push(decodeValue(value)),
      lost: (_machine, _operation, thrown) => {
        throw thrown;
      },
      skipped: () => undefined,
    };
    return replica;
  }

  #call(name: string, args: readonly unknown[]) {
    return {
      machine: machineId(NAME),
      operation: stableHash(name) as OperationId,
      args: encodeValue(args),
    };
  }

  #append(proposal: Proposal) {
    this.#index += 1;
    const data = stampProposal(this.timeMs, encodeProposal(proposal));
    const applied = this.#replica.apply({ index: this.#index, term: 1, data });
    const failed = applied.effects?.find(
      ({ kind }) => kind === 'timer-failed' || kind === 'session-end-failed',
    );
    if (failed) throw new Error(JSON.stringify(failed));
    return applied;
  }
}

function valueOf(outcome: ReturnType<Replica['query']>): unknown {
  if (outcome.kind === 'value') return decodeValue(outcome.value);
  const { code, data, message } = outcome;
  throw new DecoraftError(code, message, { data: decodeValue(data) });
}
