import { type Cluster, DecoraftError, type Unsubscribe } from 'decoraft/client';
import { seeToIt } from './persistence.js';

/** What a machine tells a visitor: the answer to one of its questions. */
export interface News {
  /** The number that the visitor gave the question. */
  readonly request: number;
}

/** What a machine with visitors has for them, whatever it is. */
export interface Reception<Told extends News> {
  attend(): Promise<number>;
  depart(visitor: number): Promise<void>;
  listen(visitor: number, listener: (news: Told) => void): Promise<Unsubscribe>;
}

/** How long something can be held. */
export interface Stay {
  /** Why it is over; `undefined` while it is not. */
  readonly reason: DecoraftError | undefined;
  /** Calls `listener` once, when it is over; gives what takes that back. */
  onEnd(listener: (reason: DecoraftError) => void): () => void;
}

/**
 * A client's stay with a machine: a number that the machine knows it by, and one subscription for all that it is told.
 * It ends with the client's session, and what was asked for during the stay ends with it.
 */
export class Visit<Told extends News> implements Stay {
  readonly id: number;
  readonly #listeners = new Map<number, (news: Told) => void>();
  readonly #onEnd = new Set<(reason: DecoraftError) => void>();
  #lastRequest = 0;
  #end: DecoraftError | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get reason(): DecoraftError | undefined {
    return this.#end;
  }

  /** A number for one question of this visit. */
  nextRequest(): number {
    return ++this.#lastRequest;
  }

  /** Calls `listener` with what is told about a question; gives what ends that. */
  listen(request: number, listener: (news: Told) => void): () => void {
    this.#listeners.set(request, listener);
    return () => void this.#listeners.delete(request);
  }

  onEnd(listener: (reason: DecoraftError) => void): () => void {
    if (this.#end) listener(this.#end);
    else this.#onEnd.add(listener);
    return () => void this.#onEnd.delete(listener);
  }

  tell(news: Told): void {
    this.#listeners.get(news.request)?.(news);
  }

  end(reason: DecoraftError): void {
    if (this.#end) return;
    this.#end = reason;
    for (const listener of this.#onEnd) listener(reason);
    this.#onEnd.clear();
    this.#listeners.clear();
  }
}

/** The visits of one connection to one machine, one after the other: all that is used of a machine shares them. */
export class Visits<Told extends News> {
  readonly cluster: Cluster;
  readonly #reception: Reception<Told>;
  #current: Promise<Visit<Told>> | undefined;

  constructor(cluster: Cluster, reception: Reception<Told>) {
    this.cluster = cluster;
    this.#reception = reception;
  }

  /** The visit that goes on; begins one where there is none. @throws DecoraftError as commands do. */
  current(): Promise<Visit<Told>> {
    if (this.#current) return this.#current;
    const current = this.#begin();
    this.#current = current;
    current.then(
      (visit) => visit.onEnd(() => this.#isOver(current)),
      () => this.#isOver(current),
    );
    return current;
  }

  #isOver(visit: Promise<Visit<Told>>): void {
    if (this.#current === visit) this.#current = undefined;
  }

  async #begin(): Promise<Visit<Told>> {
    const visit = new Visit<Told>(await this.#reception.attend());
    const subscription = await this.#reception.listen(visit.id, (news) => visit.tell(news));
    const { cluster } = this;
    void this.#endWith(visit, subscription);
    const close = (): void => {
      if (cluster.status === 'closed') visit.end(new DecoraftError('Cancelled', 'the client was closed'));
    };
    cluster.on('statusChanged', close);
    visit.onEnd(() => cluster.off('statusChanged', close));
    return visit;
  }

  async #endWith(visit: Visit<Told>, subscription: Unsubscribe): Promise<void> {
    const error = await subscription.ended;
    visit.end(error ?? new DecoraftError('Cancelled', 'the client was closed'));
    // The session may live on without its subscription: what is held would be held for nobody.
    if (error?.code === 'SubscriptionOverflow') {
      seeToIt(this.cluster, () => this.#reception.depart(visit.id));
    }
  }
}

const byCluster = new WeakMap<Cluster, Map<string, unknown>>();

/**
 * The visits of this connection to this machine: the same for all who ask.
 *
 * @param key The kind of machine and its name.
 */
export function visitsOf<Told extends News>(
  cluster: Cluster,
  key: string,
  reception: () => Reception<Told>,
): Visits<Told> {
  const known = byCluster.get(cluster) ?? new Map<string, unknown>();
  byCluster.set(cluster, known);
  const visits = known.get(key) ?? new Visits(cluster, reception());
  known.set(key, visits);
  return visits as Visits<Told>;
}
