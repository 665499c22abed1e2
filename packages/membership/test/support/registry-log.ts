import { stableHash } from '@decoraft/base';
import {
  DecoraftError,
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
import { type Applied, Replica } from '@decoraft/state-machine';
import { expect } from 'vitest';
import '../../src/registry/generated/operations.js';
import { MemberRegistry } from '../../src/registry/member-registry.machine.js';

const NAME = 'membership';
const SESSION = 1 as SessionId;

/** A registry on two replicas of one log, without a cluster around it. */
export class RegistryLog {
  term = 1;
  timeMs = 1_000_000;
  #replicas = [this.#replica(), this.#replica()];
  #index = 0;
  #sequence = 0;

  constructor() {
    this.#append({ kind: 'open-session', timeoutMs: 5_000 });
  }

  /** The index of the last entry. */
  get index(): number {
    return this.#index;
  }

  /** One of the replicas is a new one from now on, restored from a snapshot of the other. */
  restart(): void {
    const [first] = this.#replicas;
    if (!first) return;
    const replica = this.#replica();
    replica.restore(first.snapshot());
    this.#replicas = [replica, first];
  }

  /** @throws DecoraftError What the command threw. */
  command(name: string, ...args: readonly unknown[]): unknown {
    const origin = { session: SESSION, sequence: ++this.#sequence, acknowledged: this.#sequence - 1 };
    return valueOf(this.#append({ kind: 'command', origin, ...callOf(name, args) }).outcome);
  }

  query(name: string, ...args: readonly unknown[]): unknown {
    const request = { consistency: 'local', minIndex: 0, ...callOf(name, args) } as const;
    const [one, other] = this.#replicas.map((replica) => valueOf(replica.query(request)));
    expect(other).toEqual(one);
    return one;
  }

  subscribe(name: string, ...parameters: readonly unknown[]): SubscriptionId {
    const origin = { session: SESSION, sequence: ++this.#sequence, acknowledged: this.#sequence - 1 };
    const { index, outcome } = this.#append({ kind: 'subscribe', origin, ...callOf(name, parameters) });
    valueOf(outcome);
    return index as SubscriptionId;
  }

  /** All that a subscription was notified of. */
  heard(subscription: SubscriptionId): readonly unknown[] {
    const [one, other] = this.#replicas.map((replica) =>
      replica.subscriptions.get(subscription)?.pending.map(({ value }) => decodeValue(value)),
    );
    expect(other).toEqual(one);
    return one ?? [];
  }

  mustAgree(): void {
    expect(new Set(this.#replicas.map((replica) => replica.stateHash())).size).toBe(1);
  }

  #replica(): Replica {
    const replica = new Replica({ encode: encodeValue, decode: decodeValue });
    replica.register(NAME, new MemberRegistry());
    return replica;
  }

  #append(proposal: Proposal): Applied {
    this.#index += 1;
    const data = stampProposal(this.timeMs, encodeProposal(proposal));
    const entry = { index: this.#index, term: this.term, data };
    const [one, other] = this.#replicas.map((replica): Applied => replica.apply(entry));
    expect(other).toEqual(one);
    if (!one) throw new Error('there are two replicas');
    return one;
  }
}

function callOf(name: string, args: readonly unknown[]) {
  const operation = stableHash(name) as OperationId;
  return { machine: machineId(NAME), operation, args: encodeValue(args) };
}

function valueOf(outcome: Outcome): unknown {
  if (outcome.kind === 'value') return outcome.value.length === 0 ? undefined : decodeValue(outcome.value);
  throw new DecoraftError(outcome.code, outcome.message);
}
