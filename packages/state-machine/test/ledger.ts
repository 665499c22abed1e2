import {
  encodeProposal,
  machineId,
  type Proposal,
  type SessionId,
  stampProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import fc from 'fast-check';
import {
  type Applied,
  cmd,
  defineOperations,
  event,
  qry,
  Replica,
  type ReplicaOptions,
  StateMachine,
  sub,
  type Subscription,
} from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

interface Account {
  readonly owner: string;
  balance: number;
  readonly friends: Set<Account>;
}

/** A machine with a field of every kind, objects that refer to each other, and fields that come and go. */
export class Ledger extends StateMachine {
  readonly accounts = new Map<string, Account>();
  readonly history: unknown[] = [];
  total = 0n;
  digest = new Uint8Array(4);
  last: Date | undefined;
  note?: string;

  @sub onPaid = event<(owner: string) => number>();

  @cmd pay(owner: string, amount: number): number {
    const account = this.#account(owner);
    account.balance += amount;
    this.total += BigInt(amount);
    this.digest = this.digest.map((byte, at) => (at === (amount & 3) ? byte + amount : byte));
    this.last = new Date(this.context.time);
    this.history.push({ account, random: this.context.random() });
    this.onPaid(owner).notify(amount);
    this.onPaid('anyone').notify(account.balance);
    return account.balance;
  }

  @cmd befriend(one: string, other: string): void {
    this.#account(one).friends.add(this.#account(other));
  }

  @cmd drop(owner: string): boolean {
    if (this.note === undefined) this.note = owner;
    else delete this.note;
    return this.accounts.delete(owner);
  }

  @cmd fail(words: string): never {
    this.history.push(words);
    throw new Error(words);
  }

  @qry size(): number {
    return this.accounts.size;
  }

  #account(owner: string): Account {
    const known = this.accounts.get(owner);
    if (known) return known;
    const account: Account = { owner, balance: 0, friends: new Set() };
    this.accounts.set(owner, account);
    return account;
  }
}
const text = { kind: 'string' } as const;
defineOperations(
  Ledger,
  tableOf('Ledger', {
    onPaid: ['sub', text],
    pay: ['cmd', text, { kind: 'number' }],
    befriend: ['cmd', text, text],
    drop: ['cmd', text],
    fail: ['cmd', text],
    size: ['qry'],
  }),
);

/** The same data by hooks of its own. */
export class Shelf extends StateMachine {
  #things: readonly string[] = [];
  count = 0;

  override snapshot(): unknown {
    return { things: this.#things };
  }

  override restore(state: { readonly things: readonly string[] }): void {
    this.#things = state.things;
  }

  override restored(): void {
    this.count = this.#things.length;
  }

  @cmd put(thing: string): readonly string[] {
    this.#things = [...this.#things, thing];
    this.count = this.#things.length;
    return this.#things;
  }
}
defineOperations(Shelf, tableOf('Shelf', { put: ['cmd', text] }));

export function createReplica(options?: ReplicaOptions): Replica {
  const replica = new Replica(jsonCodec, options);
  replica.register('ledger', new Ledger());
  replica.register('shelf', new Shelf());
  return replica;
}

/** Entry `at` of a log, counted from 0. */
export function applyTo(replica: Replica, proposals: readonly Proposal[], at: number): Applied {
  const proposal = proposals[at];
  if (!proposal) throw new Error(`the log has no entry ${at}`);
  const data = stampProposal(1_000 + at * 7, encodeProposal(proposal));
  return replica.apply({ index: at + 1, term: 1 + (at >> 4), data });
}

/** All that a client or a leader can see of a replica. */
export function visible(replica: Replica): unknown {
  const sessions = [...replica.sessions.all()];
  return {
    index: replica.appliedIndex,
    time: replica.time,
    limits: replica.limits.agreed,
    sessions: sessions.map((session) => ({ ...session, replies: [...session.replies] })),
    subscriptions: sessions.map((one) => Array.from(replica.subscriptions.ofSession(one.id), waiting)),
    ended: [...replica.subscriptions.allEnded()],
    heard: replica.subscriptions.isHeard(machineId('ledger'), call('ledger', 'onPaid').operation),
  };
}

/** What a subscription is, but for the numbers that are a replica's own. */
function waiting({ id, key, pending, pendingBytes, pendingCount, session }: Subscription): unknown {
  const events = pending.map(({ position, value }) => ({ position, value }));
  return { id, key, session, events, pendingBytes, pendingCount };
}

const owner = fc.constantFrom('ann', 'bob', 'anyone');
const small = fc.integer({ min: 1, max: 12 });

/**
 * Log entries at random, over sessions and subscriptions that exist or not, with sequence numbers that repeat, skip
 * and go back.
 */
export const history: fc.Arbitrary<readonly Proposal[]> = fc.array(
  fc
    .record({
      kind: fc.nat(11),
      session: small,
      sequence: small,
      acknowledged: fc.nat(4),
      owner,
      amount: fc.nat(99),
    })
    .map(toProposal),
  { minLength: 5, maxLength: 60 },
);

interface Dice {
  readonly kind: number;
  readonly session: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly owner: string;
  readonly amount: number;
}

function toProposal({ acknowledged, amount, kind, owner: name, sequence, session: number }: Dice): Proposal {
  const session = (1 + (number % 3)) as SessionId;
  const subscription = number as SubscriptionId;
  const origin = { session, sequence, acknowledged };
  switch (kind) {
    case 0:
    case 1:
      return {
        kind: 'open-session',
        timeoutMs: 1_000 + amount,
        ...(amount % 2 === 1 && { isOrdered: true }),
      };
    case 2:
      if (amount > 85) {
        const limits = { cachedReplies: number, sessions: number, pendingEvents: number };
        return { kind: 'configure', onlyFirst: amount > 92, limits };
      }
      return amount < 30 ? { kind: 'close-session', session } : { kind: 'expire-sessions', sessions: [] };
    case 3:
    case 4:
      return { kind: 'subscribe', origin, ...call('ledger', 'onPaid', name) };
    case 5:
      return { kind: 'unsubscribe', origin, subscription };
    case 6:
      return {
        kind: 'acknowledge-events',
        session,
        positions: [{ subscription, position: { index: amount, ordinal: 0 } }],
      };
    case 7:
      return { kind: 'command', origin, ...call('ledger', 'befriend', name, 'ann') };
    case 8:
      return { kind: 'command', origin, ...call('ledger', amount < 50 ? 'drop' : 'fail', name) };
    case 9:
      return { kind: 'command', origin, ...call('shelf', 'put', name) };
    default:
      return { kind: 'command', origin, ...call('ledger', 'pay', name, amount) };
  }
}
