import { RpcError } from '../errors.js';
import type { Room, RoomClient } from '../room.js';

/**
 * A handler whose caller has gone still works until it settles. As many of these as there may be live ones are
 * borne besides; who leaves more behind is refused.
 */
const RUNNING_PER_WAITING = 2;

/** Lets the requests of one connection in, while there is room for them, and throws `Overloaded` otherwise. */
export class Turnstile {
  readonly #room: Room;
  readonly #client: RoomClient;

  constructor(room: Room, client: RoomClient) {
    this.#room = room;
    this.#client = client;
  }

  /** Room for a request whose handler runs, of so many bytes. */
  enter(bytes: number): void {
    if (this.tryEnter(bytes)) return;
    const words = `${this.#room.count} requests of ${this.#room.bytes} bytes are running on this server`;
    throw new RpcError('Overloaded', `${words}, and this connection has its share of them`);
  }

  tryEnter(bytes: number): boolean {
    return this.#room.tryEnter(this.#client, bytes);
  }

  leave(bytes: number): void {
    this.#room.leave(this.#client, bytes);
  }
}

/** Throws `Overloaded` where a connection may not have one more of `what`. */
export function checkCount(what: string, waiting: number, running: number, limit: number): void {
  if (waiting < limit && running < limit * RUNNING_PER_WAITING) return;
  throw new RpcError('Overloaded', `${running} ${what} are running on this connection, ${waiting} awaited`);
}
