import type { HistoryRecorder } from '@decoraft/testing';
import type { Subscription, Unsubscribe } from 'decoraft/client';
import { DecoraftError } from 'decoraft/client';
import type { JournalClient } from './generated/journal.client.js';
import type { Change } from './journal.machine.js';
import type { Answer, Call } from './calls.js';

export interface ListenerOptions {
  readonly journal: JournalClient;
  readonly recorder: HistoryRecorder<Call, Answer>;
  readonly client: string;
  readonly key: string;
  /** Tells it apart from all others. */
  readonly subscription: string;
  /** Called before the next event is asked for. */
  readonly digest: () => Promise<void>;
}

/** One subscription, from its begin to its end, all of it written down. */
export class Listener {
  readonly #options: ListenerOptions;
  /** The highest version that was heard of. */
  #heard = 0;
  #stop: (() => Promise<void>) | undefined;
  #isOver = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  get key(): string {
    return this.#options.key;
  }

  get heard(): number {
    return this.#heard;
  }

  /** By the cluster, or because nobody wants it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** With a callback, or as a loop. Resolves when the group has agreed on it, or refused it. */
  async begin(style: 'callback' | 'loop'): Promise<void> {
    const { client, journal, key, recorder, subscription } = this.#options;
    const open = recorder.invoke(client, { kind: 'listen', subscription, key });
    try {
      if (style === 'callback') this.#listenTo(await journal.onChanged(key, (change) => this.#hear(change)));
      else await this.#loopOver(journal.onChanged(key));
      open.returned(null);
    } catch (thrown) {
      this.#isOver = true;
      open.unknown(codeOf(thrown));
    }
  }

  /** Unsubscribes; what the cluster answers matters to nobody, but nothing may be heard from now on. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { client, recorder, subscription } = this.#options;
    recorder.invoke(client, { kind: 'stop', subscription }).returned(null);
    await this.#stop?.().catch(() => undefined);
  }

  #listenTo(unsubscribe: Unsubscribe): void {
    this.#stop = unsubscribe;
    void unsubscribe.ended.then((reason) => reason && this.#ended(reason));
  }

  async #loopOver(stream: Subscription<Change>): Promise<void> {
    this.#stop = () => stream.close();
    void this.#consume(stream);
    await stream.ready;
  }

  async #consume(stream: Subscription<Change>): Promise<void> {
    try {
      for await (const change of stream) {
        this.#hear(change);
        await this.#options.digest();
      }
    } catch (thrown) {
      this.#ended(thrown);
    }
  }

  #hear(change: Change): void {
    const { client, recorder, subscription } = this.#options;
    this.#heard = Math.max(this.#heard, change.version);
    recorder.invoke(client, { kind: 'heard', subscription, change }).returned(null);
  }

  #ended(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { client, recorder, subscription } = this.#options;
    recorder.invoke(client, { kind: 'ended', subscription, code: codeOf(reason) }).returned(null);
  }
}

export function codeOf(thrown: unknown): string {
  return thrown instanceof DecoraftError ? thrown.code : String(thrown);
}
