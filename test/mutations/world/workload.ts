import type { Unsubscribe } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import type { Workload, WorkloadContext } from '@decoraft/testing';
import { type LedgerInput } from './ledger-facts.js';
import { type Effect, LedgerClient, type Told } from './ledger.js';

const KEYS = ['a', 'b', 'c'] as const;
/** Some wait this long for what they were promised: longer than any fault, shorter than healing may take. */
const PATIENCE_MS = 40_000;
/** When nothing goes wrong any more, an event comes at once; a client that lost its connection begins anew. */
const LAST_PATIENCE_MS = 15_000;
const LOOK_MS = 100;
/** Several of these fill a message of Raft, so that what lies behind travels in pieces. */
const LARGE_BYTES = 300_000;

export interface WorkloadOptions {
  /** How many of the commands are large; 0 for none. */
  readonly largeShare: number;
  /** So many of the clients do nothing but read. */
  readonly readers: number;
  /** How many of the rounds are commands that throw. */
  readonly refusedShare: number;
  /** At which level they ask for what nobody may have overtaken. */
  readonly exact: 'linearizable' | 'lease';
  /** How long they wait for an answer. */
  readonly patienceMs: number;
}

export interface LedgerWorkload {
  readonly workload: Workload;
  /** What was told by then has been heard when it ends. */
  readonly lastRound: Workload;
}

/** Clients that put, get, are refused and listen; each remembers what it did over its rounds. */
export function ledgerWorkload(options: WorkloadOptions): LedgerWorkload {
  const users = new Map<string, LedgerUser>();
  const userOf = (context: WorkloadContext): LedgerUser => {
    const user = users.get(context.name) ?? new LedgerUser(context, options);
    users.set(context.name, user);
    return user;
  };
  return {
    workload: (context) => userOf(context).round(context.random()),
    lastRound: (context) => userOf(context).lastRound(),
  };
}

class LedgerUser {
  readonly #context: WorkloadContext;
  readonly #options: WorkloadOptions;
  readonly #ledger: LedgerClient;
  readonly #isReader: boolean;
  #lastNumber = 0;
  #listener: EventListener | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #isExpecting = false;
  #broken: { readonly thrown: unknown } | undefined;

  constructor(context: WorkloadContext, options: WorkloadOptions) {
    this.#context = context;
    this.#options = options;
    this.#ledger = new LedgerClient(context.client, { timeoutMs: options.patienceMs });
    this.#isReader = Number(context.name.replace('client-', '')) <= options.readers;
  }

  async round(ticket: number): Promise<void> {
    if (this.#isReader) return this.#get(this.#options.exact);
    this.#listener?.mustBeWhole();
    if (this.#broken) throw this.#broken.thrown;
    if (!this.#unsubscribe) await this.#listen();
    if (ticket < 0.45) await this.#put();
    else if (ticket < 0.55) await Promise.all([this.#put(), this.#put(), this.#put(), this.#put()]);
    else if (ticket < 0.55 + this.#options.refusedShare) await this.#refuse();
    else if (ticket < 0.78) await this.#get(this.#options.exact);
    else if (ticket < 0.93) await this.#get('session');
    else if (ticket < 0.98) this.#expectAll();
    else await this.#stopListening();
  }

  /** One more command: what it tells, and everything before it, must be heard. */
  async lastRound(): Promise<void> {
    const listener = this.#listener;
    // An event of its own comes last: those before the subscription were never meant for it.
    if (!listener || !(await this.#put())) return;
    await this.#hearAll(listener, LAST_PATIENCE_MS);
    listener.mustBeWhole();
  }

  /** Whether it was answered. */
  async #put(): Promise<boolean> {
    const { name: client, random, record } = this.#context;
    const number = ++this.#lastNumber;
    const key = this.#anyKey();
    const value = `${client}:${number}`;
    const isLarge = random() < this.#options.largeShare;
    const sent = isLarge ? value.padEnd(LARGE_BYTES) : value.padEnd(24);
    const input: LedgerInput = { kind: 'put', client, number, key, value: value.padEnd(24) };
    const effect = await record<Effect>(input, () => alive(this.#ledger.put(client, number, key, sent)));
    return effect !== undefined;
  }

  async #refuse(): Promise<void> {
    const { name: client, record } = this.#context;
    const number = ++this.#lastNumber;
    await record({ kind: 'refuse', client, number }, () =>
      alive(this.#ledger.refuse(client, number)).catch((thrown: unknown) => {
        if (thrown instanceof DecoraftError && thrown.code === 'CommandRejected') return null;
        throw thrown;
      }),
    );
  }

  async #get(consistency: 'linearizable' | 'lease' | 'session'): Promise<void> {
    const key = this.#anyKey();
    const input: LedgerInput = { kind: 'get', consistency, key };
    await this.#context.record(input, () => alive(this.#ledger.get(key, consistency)));
  }

  async #listen(): Promise<void> {
    const before = await this.#told();
    if (before === undefined) return;
    const listener = new EventListener(this.#context.name, before);
    this.#unsubscribe = await this.#ledger.onPut((told) => listener.hear(told));
    this.#listener = listener;
    const after = await this.#told();
    if (after !== undefined) listener.mustHaveBegunBy(after + 1);
  }

  /** Whoever listens hears everything in the end; meanwhile the client goes on. */
  #expectAll(): void {
    const listener = this.#listener;
    if (!listener || this.#isExpecting) return;
    this.#isExpecting = true;
    this.#hearAll(listener, PATIENCE_MS)
      .catch((thrown: unknown) => void (this.#broken ??= { thrown }))
      .finally(() => (this.#isExpecting = false));
  }

  async #hearAll(listener: EventListener, patienceMs: number): Promise<void> {
    const told = await this.#told();
    if (told === undefined) return;
    for (let waitedMs = 0; listener.last < told; waitedMs += LOOK_MS) {
      if (this.#listener !== listener) return;
      if (waitedMs > patienceMs)
        throw new EventOrderBroken(`event ${told} did not arrive, the last was ${listener.last}`);
      await this.#context.sleep(LOOK_MS);
    }
  }

  async #stopListening(): Promise<void> {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    this.#listener = undefined;
    await unsubscribe?.();
  }

  #told(): Promise<number | undefined> {
    return this.#context.record<number>({ kind: 'told' }, () => alive(this.#ledger.toldSoFar()));
  }

  #anyKey(): string {
    return KEYS[Math.floor(this.#context.random() * KEYS.length)] ?? KEYS[0];
  }
}

/** Hears numbered events: each once, in order, with none left out. */
class EventListener {
  readonly #name: string;
  #last: number;
  #first: number | undefined;
  #mustBeginBy = Infinity;
  #broken: EventOrderBroken | undefined;

  /** @param told How many events there were before the subscription. */
  constructor(name: string, told: number) {
    this.#name = name;
    this.#last = told;
  }

  get last(): number {
    return this.#last;
  }

  /** May not throw: it is called by the client, and what it threw would be nobody's. */
  hear({ number }: Told): void {
    const isNext = this.#first === undefined ? number > this.#last : number === this.#last + 1;
    if (!isNext) this.#breaks(`event ${number} behind ${this.#last}`);
    this.#first ??= number;
    this.#last = number;
  }

  /** The subscription was there before this event. */
  mustHaveBegunBy(number: number): void {
    this.#mustBeginBy = number;
  }

  /** Throws when something was heard that should not have been, or not heard. */
  mustBeWhole(): void {
    if (this.#first !== undefined && this.#first > this.#mustBeginBy) {
      this.#breaks(`event ${this.#first} first, and ${this.#mustBeginBy} concerned it`);
    }
    if (this.#broken) throw this.#broken;
  }

  #breaks(what: string): void {
    this.#broken ??= new EventOrderBroken(`${this.#name} heard ${what}`);
  }
}

class EventOrderBroken extends Error {
  override name = 'EventOrderBroken';
}

/** No run is long enough for a session to be silent until it ends: one that ends was lost, or ended too early. */
async function alive<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (thrown) {
    const isExpired = thrown instanceof DecoraftError && thrown.code === 'SessionExpired';
    throw isExpired ? new LivingSessionEnded(thrown.message) : thrown;
  }
}

class LivingSessionEnded extends Error {
  override name = 'LivingSessionEnded';
}
