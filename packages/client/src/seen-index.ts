import { DecoraftError, decodeToken, encodeToken } from '@decoraft/protocol';

/** Where an index was seen: it means nothing in another cluster. */
export interface Seen {
  readonly cluster: number;
  readonly index: number;
}

/**
 * The highest log index that an answer, an event or a token has shown to this client: its reads are never older. And the
 * cluster that it was seen in: another one's answers are refused.
 */
export class SeenIndex {
  /** The RPC service of the group. */
  readonly #service: number;
  /** 0 until an answer or a token has named it. */
  #cluster = 0;
  #index = 0;

  /** @throws DecoraftError As {@link read} does, of the token that it begins with. */
  constructor(service: number, token?: string) {
    this.#service = service;
    if (token !== undefined) this.note(this.read(token));
  }

  get cluster(): number {
    return this.#cluster;
  }

  get value(): number {
    return this.#index;
  }

  /** What an event has shown: its session belongs to the cluster that is known. */
  noteIndex(index: number): void {
    if (index > this.#index) this.#index = index;
  }

  /** @throws DecoraftError `ClusterMismatch` when it was seen in another cluster than what was seen before. */
  note(seen: Seen): void {
    const refusal = this.refusal(seen);
    if (refusal) throw refusal;
    if (seen.cluster !== 0) this.#cluster = seen.cluster;
    this.noteIndex(seen.index);
  }

  /** A session has ended, which its client is told. In another cluster, what was seen means nothing any more. */
  startOver(cluster: number): void {
    if (cluster !== this.#cluster) this.#index = 0;
    this.#cluster = cluster;
  }

  /** `ClusterMismatch` for what was seen in another cluster than what this client has seen. */
  refusal({ cluster }: Pick<Seen, 'cluster'>): DecoraftError | undefined {
    if (cluster === this.#cluster || cluster === 0 || this.#cluster === 0) return undefined;
    const words =
      'this client, or a token that it was given, has seen another cluster than the one that answers here';
    return new DecoraftError('ClusterMismatch', words);
  }

  /** All that was seen, as text for another client. */
  token(): string {
    return encodeToken({ cluster: this.#cluster, service: this.#service, index: this.#index });
  }

  /**
   * What a token says was seen by another client.
   *
   * @throws DecoraftError `InvalidArgument` for what is no token; `ClusterMismatch` for one of another cluster or group.
   */
  read(token: string): Seen {
    const { cluster, index, service } = decodeToken(token);
    if (service !== this.#service) {
      throw new DecoraftError('ClusterMismatch', 'the read token is of another group');
    }
    const refusal = this.refusal({ cluster });
    if (refusal) throw refusal;
    return { cluster, index };
  }
}
