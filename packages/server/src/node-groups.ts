import { Membership } from '@decoraft/membership/server';
import type { RpcServer } from '@decoraft/rpc/server';
import { DecoraftError, DEFAULT_GROUP } from '@decoraft/protocol';
import type { NodeDescription, NodePorts } from './assemble-node.js';
import { checkGroup, type GroupDescription } from './group-description.js';
import { RaftService } from './raft-service.js';

export interface NodeGroupsOptions {
  readonly node: NodeDescription;
  readonly ports: NodePorts;
  readonly server: RpcServer;
}

/**
 * The Raft groups of one node, by name: one port, one connection to each other node and one count of time for all, a
 * directory for each. What goes wrong in one is its own: the others go on.
 */
export class NodeGroups {
  readonly #options: NodeGroupsOptions;
  readonly #groups = new Map<string, RaftService>();
  /** Of those groups that keep one. */
  readonly #memberships = new Map<string, Membership>();
  #isClosed = false;

  constructor(options: NodeGroupsOptions) {
    this.#options = options;
  }

  get all(): ReadonlyMap<string, RaftService> {
    return this.#groups;
  }

  /** The node's own, with the machines registered; it takes no part yet. */
  addMain(): RaftService {
    const { machines, membership = false, onFatal } = this.#options.node;
    return this.#add(DEFAULT_GROUP, { machines, membership, onFatal });
  }

  /** Lets the node's own take part. Errors as `RaftService.bootstrap` and `join`. */
  async enterMain(raft: RaftService): Promise<void> {
    await enter(raft, this.#options.node);
  }

  /**
   * Those that a node starts with. An option that cannot be is an error of the node; whatever else keeps a group from
   * starting is its own failure.
   *
   * @throws DecoraftError `InvalidArgument`
   */
  async startAll(groups: Readonly<Record<string, GroupDescription>>): Promise<void> {
    await Promise.all(
      Object.entries(groups).map(async ([name, group]) => {
        try {
          await this.start(name, group);
        } catch (thrown) {
          const error = DecoraftError.from(thrown);
          if (error.code === 'InvalidArgument') throw error;
          this.#options.ports.logger.log('error', 'a group could not be started', { group: name, error });
          group.onFatal?.(error);
        }
      }),
    );
  }

  /** Errors as `DecoraftNode.startGroup`. */
  async start(name: string, group: GroupDescription): Promise<RaftService> {
    checkGroup(name, group);
    const { node } = this.#options;
    const raft = this.#add(name, group);
    try {
      const { join = group.peers ? undefined : node.join, peers = node.peers } = group;
      await enter(raft, { peers, ...(join && { join }) });
    } catch (thrown) {
      // What is refused before it has begun has not let go of its name at the server yet.
      await this.#remove(name, raft);
      throw DecoraftError.from(thrown);
    }
    return raft;
  }

  /** Errors as `DecoraftNode.stopGroup`. */
  async stop(name: string): Promise<void> {
    const raft = this.#groups.get(name);
    if (!raft) throw new DecoraftError('NotFound', `this node has no group ${JSON.stringify(name)}`);
    if (name === DEFAULT_GROUP) {
      throw new DecoraftError('InvalidArgument', `the group ${name} ends with the node: close that`);
    }
    await this.#remove(name, raft);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#memberships.keys()].map((name) => this.#closeMembership(name)));
    await Promise.all([...this.#groups.values()].map((raft) => raft.close()));
  }

  /** Its directory is free, and its name with it, when it has let go of them. */
  async #remove(name: string, raft: RaftService): Promise<void> {
    await this.#closeMembership(name);
    await raft.close();
    if (this.#groups.get(name) === raft) this.#groups.delete(name);
  }

  /** It proposes and is asked no more while its group goes on: what it has under way ends in good order. */
  async #closeMembership(name: string): Promise<void> {
    const membership = this.#memberships.get(name);
    this.#memberships.delete(name);
    await membership?.close();
  }

  #add(name: string, group: GroupDescription): RaftService {
    if (this.#isClosed) throw new DecoraftError('Unavailable', 'the node is closed');
    if (this.#groups.has(name)) {
      throw new DecoraftError('InvalidArgument', `group ${name} was started on this node before`);
    }
    const { node, ports, server } = this.#options;
    const {
      groupLimits = node.groupLimits,
      priority = node.priority,
      segmentBytes = node.segmentBytes,
    } = group;
    // Of many groups, most have nothing to do.
    const quiesceIdleGroups = name !== DEFAULT_GROUP;
    const settings = { quiesceIdleGroups, ...node.settings, ...group.settings };
    const { clock, dialer, logger, random, soon } = ports;
    const raft = new RaftService({
      server,
      storage: ports.storage(name, segmentBytes === undefined ? {} : { segmentBytes }),
      id: node.id,
      group: name,
      clock,
      random,
      logger,
      soon,
      settings,
      ...(groupLimits === undefined ? {} : { limits: groupLimits }),
      ...(priority === undefined ? {} : { priority }),
      ...(dialer && { transport: dialer }),
    });
    try {
      if (group.onFatal) raft.once('failed', group.onFatal);
      for (const [machine, instance] of Object.entries(group.machines)) raft.register(machine, instance);
      if (group.membership) {
        const options = { clock, random, logger, transport: dialer };
        this.#memberships.set(name, Membership.attach(server, raft, options));
      }
    } catch (thrown) {
      void raft.close();
      throw thrown;
    }
    this.#groups.set(name, raft);
    return raft;
  }
}

async function enter(
  raft: RaftService,
  { join, peers }: Pick<NodeDescription, 'join' | 'peers'>,
): Promise<void> {
  if (!join) return raft.bootstrap(peers);
  const { seeds, ...options } = 'seeds' in join ? join : { seeds: join };
  return raft.join(seeds, options);
}
