/** Where a room ends, in things and in bytes of them. */
export interface RoomLimits {
  /** Of all clients together. */
  readonly maxCount: number;
  readonly maxBytes: number;
  /** Of one client. */
  readonly maxClientCount: number;
  readonly maxClientBytes: number;
}

/** Whose things they are: a number of a connection. */
export type RoomClient = number;

export interface EnterOptions {
  readonly isMany?: boolean;
  readonly atMost?: { readonly count: number; readonly bytes: number } | undefined;
}

interface Held {
  count: number;
  bytes: number;
}

/**
 * What waits on this node, of whom, and whether there is room for more. Beside its own limits, a client holds no more
 * than is left free: n clients that want all of it get 1/(n + 1) of the room each, and as much stays free for whoever
 * comes next. So one that asks for ten times its share never shuts out one that asks for little (dynamic thresholds,
 * Choudhury and Hahne 1998).
 */
export class Room {
  readonly #limits: RoomLimits;
  readonly #clients = new Map<RoomClient, Held>();
  #count = 0;
  #bytes = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes room for one thing of so many bytes. Where nothing waits, one of any size is taken: it could never be otherwise.
   *
   * @param options `isMany`: the client passes on what many others asked it for, and has no limits of its own, only its
   *   share. `atMost`: the room is no larger than this at the moment.
   * @returns False when there is none; then nothing was taken.
   */
  tryEnter(client: RoomClient, bytes: number, options: EnterOptions = {}): boolean {
    const held = this.#clients.get(client);
    if (!this.#hasRoom(held, bytes, options)) return false;
    if (held) {
      held.count += 1;
      held.bytes += bytes;
    } else {
      this.#clients.set(client, { count: 1, bytes });
    }
    this.#count += 1;
    this.#bytes += bytes;
    return true;
  }

  /** Gives back what {@link tryEnter} took. */
  leave(client: RoomClient, bytes: number): void {
    const held = this.#clients.get(client);
    if (!held) return;
    held.count -= 1;
    held.bytes -= bytes;
    if (held.count === 0) this.#clients.delete(client);
    this.#count -= 1;
    this.#bytes -= bytes;
  }

  #hasRoom(held: Held | undefined, bytes: number, { atMost, isMany = false }: EnterOptions): boolean {
    if (this.#count === 0) return true;
    const { maxBytes, maxClientBytes, maxClientCount, maxCount } = this.#limits;
    const freeCount = Math.min(maxCount, atMost?.count ?? maxCount) - this.#count;
    const freeBytes = Math.min(maxBytes, atMost?.bytes ?? maxBytes) - this.#bytes;
    if (!held) return freeCount >= 1 && freeBytes >= bytes;
    const shareCount = isMany ? freeCount : Math.min(freeCount, maxClientCount);
    const shareBytes = isMany ? freeBytes : Math.min(freeBytes, maxClientBytes);
    return held.count + 1 <= shareCount && held.bytes + bytes <= shareBytes;
  }
}
