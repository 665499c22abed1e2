import { checkGroupName, DecoraftError } from '@decoraft/protocol';

/** What is kept of a connection to one group. */
export interface GroupConnection {
  close(): Promise<void>;
  drain(): Promise<void>;
}

/**
 * The connections to further groups of the servers that a client is connected to. They use its sockets, and have
 * everything else of their own; they end with it, and it goes on without them.
 */
export class GroupConnections<Connection extends GroupConnection> {
  readonly #open: (group: string) => Connection;
  readonly #connections = new Map<string, Connection>();
  #isClosed = false;

  /** @param open Makes the connection to a group. It is told to {@link forget} it when it ends. */
  constructor(open: (group: string) => Connection) {
    this.#open = open;
  }

  /**
   * The connection to the group, the same for all who ask until it is closed.
   *
   * @throws DecoraftError `InvalidArgument` for what is no name of a group; `Cancelled` when all are closed.
   */
  to(group: string): Connection {
    checkGroupName(group);
    const known = this.#connections.get(group);
    if (known) return known;
    if (this.#isClosed) throw new DecoraftError('Cancelled', 'this connection to the cluster is closed');
    const connection = this.#open(group);
    this.#connections.set(group, connection);
    return connection;
  }

  /** It has ended: who asks for the group again gets another one. */
  forget(group: string): void {
    this.#connections.delete(group);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.drain()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }
}
