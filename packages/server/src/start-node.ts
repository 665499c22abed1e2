import type { Logger } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import type { Service } from '@decoraft/rpc';
import { RpcServer } from '@decoraft/rpc/server';
import type { StateMachine } from '@decoraft/state-machine';
import { durableStorage, memoryStorage, type Storage } from '@decoraft/storage';
import { RaftService } from './raft-service.js';
import { stderrLogger } from './stderr-logger.js';

export interface NodeOptions {
  /** This node's name among `peers`. */
  readonly id: string;
  /** Where the log is kept; made when missing. `':memory:'` keeps nothing: for tests. */
  readonly dataDir: string;
  /** The addresses of all nodes by id, this one's among them: `host:port`, as the others reach it. */
  readonly peers: Readonly<Record<string, string>>;
  /** The machines by name; the same on all nodes. */
  readonly machines: Readonly<Record<string, StateMachine>>;
  /** Plain RPC services by name, beside the machines. */
  readonly services?: Readonly<Record<string, Service>>;
  /** Where to listen, when it is not where the others reach this node. */
  readonly listen?: string;
  /** Allows other addresses than loopback, without encryption and without authentication. */
  readonly insecure?: boolean;
  /** Web pages that may connect, as origins: `https://app.example.com`. */
  readonly origins?: readonly string[];
  /** Timing and limits; the same on all nodes. */
  readonly settings?: Partial<HostSettings>;
  readonly logger?: Logger;
  /**
   * What to do when the node cannot go on, because its disk failed. By default the process ends with the error:
   * a node without its disk has nothing left to do.
   */
  readonly onFatal?: (error: unknown) => void;
}

/** A running node. Role, leader and term changes are events on `raft`. */
export interface DecoraftNode {
  readonly raft: RaftService;
  readonly server: RpcServer;
  /** Where it listens. */
  readonly address: string;
  /** Stops taking part, finishes running calls, lets go of port and disk. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DRAIN_MS = 2_000;
const IN_MEMORY = ':memory:';

/**
 * Starts a node: the short way. The long way is what this function does, with every part in your hand.
 *
 * @throws DecoraftError `InvalidArgument`, `Corrupted`, `DiskFailed`, `Unavailable` when the port is taken.
 */
export async function startNode(options: NodeOptions): Promise<DecoraftNode> {
  const {
    dataDir,
    id,
    logger = stderrLogger(),
    machines,
    onFatal = endProcess,
    peers,
    services = {},
  } = options;
  const address = options.listen ?? addressOf(peers, id);
  const server = new RpcServer({
    address,
    logger,
    ...(options.insecure === undefined ? {} : { insecure: options.insecure }),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
  });
  const raft = new RaftService({
    server,
    storage: storageAt(dataDir, logger),
    id,
    logger,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  raft.once('failed', onFatal);
  for (const [name, machine] of Object.entries(machines)) raft.register(name, machine);
  for (const [name, service] of Object.entries(services)) server.register(name, service);
  const close = async (): Promise<void> => {
    await raft.close();
    await server.close({ drainMs: DRAIN_MS });
  };
  try {
    await server.listen();
    await raft.bootstrap(peers);
  } catch (thrown) {
    await close();
    throw DecoraftError.from(thrown);
  }
  return { raft, server, address: server.address, close, [Symbol.asyncDispose]: close };
}

function addressOf(peers: Readonly<Record<string, string>>, id: string): string {
  const address = Object.hasOwn(peers, id) ? peers[id] : undefined;
  if (address !== undefined) return address;
  throw new DecoraftError(
    'InvalidArgument',
    `node ${id} is not among the peers ${Object.keys(peers).join(', ')}`,
  );
}

function storageAt(dataDir: string, logger: Logger): Storage {
  return dataDir === IN_MEMORY ? memoryStorage() : durableStorage(dataDir, { logger });
}

/** Out of every handler's reach but the process's own: whoever wants another end gives `onFatal`. */
function endProcess(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
