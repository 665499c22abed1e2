import { setTimeout as pause } from 'node:timers/promises';
import { type Random, unreachable } from '@decoraft/base';
import type { HistoryRecorder } from '@decoraft/testing';
import { type Cluster, DecoraftError } from 'decoraft/client';
import { JournalClient } from './generated/journal.client.js';
import type { Written } from './journal.machine.js';
import { JOURNAL } from './names.js';
import { type Answer, type Call, type CommandCall, commandName, LEVELS } from './calls.js';
import { codeOf, Listener } from './listener.js';

/** How many commands at once a client sends now and then, without waiting for any. */
const BURST = 8;
const BURSTS = 0.05;
const THINKING_MS = 250;
const LEAST_TIMEOUT_MS = 1_000;
const MOST_TIMEOUT_MS = 8_000;
const LEAST_LISTENING_MS = 1_000;
const MOST_LISTENING_MS = 40_000;
/** How often a read comes with what another client has seen. */
const TOKENS = 0.3;
/** How long one waits before it asks for another subscription, or, where it does that itself, for a new session. */
const RETURNING_MS = 500;
/** A consumer that takes its time now and then. */
const DIGESTING = 0.02;
const DIGESTING_MS = 500;
const POLL_MS = 50;

export interface ClientLoadOptions {
  readonly name: string;
  readonly cluster: Cluster;
  readonly recorder: HistoryRecorder<Call, Answer>;
  readonly keys: readonly [string, ...string[]];
  readonly random: Random;
  /** Whether a new session is asked for by hand, where the cluster has ended one. */
  readonly renewsByHand: boolean;
  /** What clients have seen last, by their names: for the others. */
  readonly tokens: Map<string, SeenToken>;
}

/** A token, and the index that it stands for at least. */
export interface SeenToken {
  readonly token: string;
  readonly index: number;
}

/**
 * One client: two lanes of commands, one of reads, and one subscription after another, all at once. What ends otherwise
 * than a call may ends the process.
 */
export class ClientLoad {
  readonly #options: ClientLoadOptions;
  readonly #journal: JournalClient;
  /** Texts as this client has seen them last: what it expects when it compares. */
  readonly #texts = new Map<string, string>();
  #issued = 0;
  #subscriptions = 0;
  #listener: Listener | undefined;
  #isFinishing = false;
  /** The session has ended, and nobody has asked for a new one yet. */
  #hasExpired = false;
  #lanes: Promise<unknown> = Promise.resolve();

  constructor(options: ClientLoadOptions) {
    this.#options = options;
    this.#journal = new JournalClient(options.cluster, JOURNAL);
  }

  start(): void {
    if (this.#options.renewsByHand) this.#options.cluster.on('sessionExpired', () => void this.#renew());
    this.#lanes = Promise.all([
      this.#lane(() => this.#commands()),
      this.#lane(() => this.#commands()),
      this.#lane(() => this.#read()),
      this.#listening(),
    ]);
  }

  /** Begins nothing more, and resolves when nothing but the subscription is under way. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#lanes;
  }

  /** One more command. @returns Why it was not answered, in words; nothing when it was. */
  async settle(timeoutMs: number): Promise<string | undefined> {
    const began = performance.now();
    const code = await this.#command({ ...this.#next(), kind: 'increment', amount: 1 }, timeoutMs);
    if (code === undefined) return undefined;
    const tookMs = Math.round(performance.now() - began);
    return `${this.#options.name} was not answered when all was well again: ${code} after ${tookMs} ms`;
  }

  /** Resolves when the subscription has heard of all that there is, or is over, or when it is too late. */
  async drain(versions: Readonly<Record<string, number>>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const listener = this.#listener;
    if (!listener) return;
    const hasHeard = (): boolean => listener.isOver || listener.heard >= (versions[listener.key] ?? 0);
    while (!hasHeard() && performance.now() < deadline) await pause(POLL_MS);
  }

  async #lane(round: () => Promise<void>): Promise<void> {
    while (!this.#isFinishing) {
      await round();
      await pause(this.#options.random() * THINKING_MS);
    }
  }

  /** A session that ended is not followed by another one before somebody asks for it. */
  async #renew(): Promise<void> {
    const { cluster, random } = this.#options;
    this.#hasExpired = true;
    await pause(random() * RETURNING_MS);
    this.#hasExpired = false;
    // Where that takes too long, the next command begins it.
    await cluster.renewSession().catch(() => undefined);
  }

  async #commands(): Promise<void> {
    const count = this.#options.random() < BURSTS ? BURST : 1;
    await Promise.all(Array.from({ length: count }, () => this.#command(this.#draw(), this.#timeoutMs())));
  }

  #draw(): CommandCall {
    const next = this.#next();
    const kind = this.#options.random();
    if (kind < 0.5) return { ...next, kind: 'increment', amount: 1 + Math.floor(this.#options.random() * 9) };
    const text = commandName(this.#options.name, next.number);
    if (kind < 0.7) return { ...next, kind: 'set', text };
    return { ...next, kind: 'compare-and-set', expected: this.#texts.get(next.key) ?? '', text };
  }

  #next(): { readonly number: number; readonly key: string } {
    return { number: ++this.#issued, key: this.#pick(this.#options.keys) };
  }

  /** @returns The code of the error with which it ended; nothing when it was answered. */
  async #command(call: CommandCall, timeoutMs: number): Promise<string | undefined> {
    const { cluster, name, recorder, tokens } = this.#options;
    const open = recorder.invoke(name, call);
    const hadExpired = this.#hasExpired;
    try {
      const written = await this.#send(this.#journal.with({ timeoutMs }), call);
      open.returned(written);
      if (hadExpired) throw new Error(`command ${call.number} of ${name} was applied without a session`);
      this.#texts.set(call.key, written.text);
      tokens.set(name, { token: cluster.token(), index: written.index });
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof DecoraftError)) throw thrown;
      if (mayHaveHappened(thrown)) open.unknown(thrown.code);
      else open.failed(thrown.code);
      return thrown.code;
    }
  }

  #send(journal: JournalClient, call: CommandCall): Promise<Written> {
    const sender = { client: this.#options.name, number: call.number };
    switch (call.kind) {
      case 'increment':
        return journal.increment(sender, call.key, call.amount);
      case 'set':
        return journal.set(sender, call.key, call.text);
      case 'compare-and-set':
        return journal.compareAndSet(sender, call.key, call.expected, call.text);
      default:
        return unreachable(call);
    }
  }

  async #read(): Promise<void> {
    const { name, random, recorder, tokens } = this.#options;
    const key = this.#pick(this.#options.keys);
    const level = this.#pick(LEVELS);
    const seen =
      level !== 'local' && random() < TOKENS
        ? [...tokens.values()][Math.floor(random() * tokens.size)]
        : undefined;
    const open = recorder.invoke(name, { kind: 'read', key, level, least: seen?.index ?? 0 });
    const options = { timeoutMs: this.#timeoutMs(), consistency: level };
    const journal = this.#journal.with(seen ? { ...options, token: seen.token } : options);
    try {
      const found = await journal.read(key);
      open.returned(found);
      if (level !== 'local') this.#texts.set(key, found.text);
    } catch (thrown) {
      open.failed(codeOf(thrown));
    }
  }

  /** One subscription after another; the last one stays. */
  async #listening(): Promise<void> {
    const { keys, name, random, recorder } = this.#options;
    while (!this.#isFinishing) {
      const subscription = `${name}/${++this.#subscriptions}`;
      const digest = async (): Promise<void> => {
        if (random() < DIGESTING) await pause(random() * DIGESTING_MS);
      };
      const journal = this.#journal;
      const key = this.#pick(keys);
      const listener = new Listener({ journal, recorder, client: name, key, subscription, digest });
      this.#listener = listener;
      await listener.begin(random() < 0.5 ? 'callback' : 'loop');
      const untilMs = performance.now() + LEAST_LISTENING_MS + random() * MOST_LISTENING_MS;
      while (!this.#isFinishing && !listener.isOver && performance.now() < untilMs) await pause(POLL_MS);
      if (!this.#isFinishing) await listener.end();
      await pause(random() * RETURNING_MS);
    }
  }

  #timeoutMs(): number {
    return LEAST_TIMEOUT_MS + this.#options.random() * (MOST_TIMEOUT_MS - LEAST_TIMEOUT_MS);
  }

  #pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(this.#options.random() * values.length)] ?? values[0];
  }
}

/** A retry may be the one that found the session gone: then the error says whether the first try may have been applied. */
function mayHaveHappened({ code, data }: DecoraftError): boolean {
  if (code === 'Indeterminate') return true;
  if (code !== 'SessionExpired') return false;
  return (
    !(typeof data === 'object' && data !== null && 'mayHaveHappened' in data) ||
    data.mayHaveHappened !== false
  );
}
