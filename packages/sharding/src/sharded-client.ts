import type { CallOptions, Cluster } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { LiveRing, type RingState } from './live-ring.js';
import { HashRing, type RingMember } from './ring.js';
import { WeightsFollower } from './weights/follower.js';
import { type WeightsView, weighted } from './weights/records.js';

/** The class of a generated client. */
export type ClientClass<Client> = new (cluster: Cluster, name: string, options?: CallOptions) => Client;

export interface ShardedOptions {
  /** From `connect`: to any group of the servers that host the groups. */
  readonly cluster: Cluster;
  /** The name under which the machine is registered, the same in every group. */
  readonly machine: string;
  /** The names of the Raft groups, with weights where they are not to hold alike. The same for all clients. */
  readonly groups: readonly (string | RingMember)[];
  /** For every call. */
  readonly options?: CallOptions;
}

export interface FollowedOptions extends Omit<ShardedOptions, 'groups'> {
  readonly groups: readonly string[];
  /** The name under which a `ShardWeights` is registered, in the group of `cluster`. */
  readonly weights: string;
}

/**
 * A key space over several Raft groups: every key belongs to one of them, and each call goes to a generated client of that
 * group, typed as ever. What the groups promise holds within each: the commands of one key are in order, and those of two
 * keys are, where one group owns both. There is no command over several groups.
 */
export class ShardedClient<Client> extends LiveRing {
  readonly #clients: ReadonlyMap<string, Client>;
  readonly #weights: WeightsFollower | undefined;

  /** Use {@link sharded} or {@link followWeights}. */
  constructor(clients: ReadonlyMap<string, Client>, first: RingState, weights?: WeightsFollower) {
    super(first);
    this.#clients = clients;
    this.#weights = weights;
    weights?.listen(() => this.become(stateOf([...clients.keys()], weights.view)));
  }

  /**
   * The client of the group that owns a key: ask for it anew with each call, for the owner may change.
   *
   * @throws DecoraftError `InvalidArgument` for what is no string; `Unavailable` while no group weighs anything.
   */
  for(key: string): Client {
    return this.#clientOf(this.groupOf(key));
  }

  /** The group that owns a key. Throws as {@link for}. */
  groupOf(key: string): string {
    const group = this.state.ring.ownerOf(key);
    if (group !== undefined) return group;
    throw new DecoraftError('Unavailable', 'no group of the sharded client weighs anything: set a weight');
  }

  /**
   * The clients of all groups, those of weight 0 among them, in the order of the groups' names: for what concerns every
   * group. `Promise.all(users.all().map((each) => each.count()))` asks all, and shows each group at a time of its own.
   */
  all(): readonly Client[] {
    return [...this.#clients.values()];
  }

  /**
   * The client of one group, such as one that data moves to.
   *
   * @throws DecoraftError `NotFound` for a group that is none of these.
   */
  of(group: string): Client {
    if (!this.#clients.has(group))
      throw new DecoraftError('NotFound', `${group} is no group of the sharded client`);
    return this.#clientOf(group);
  }

  /** Follows weights no more. The connection stays open: it is its owner's. */
  async close(): Promise<void> {
    await this.#weights?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #clientOf(group: string): Client {
    return this.#clients.get(group) as Client;
  }
}

/**
 * Spreads a key space over Raft groups, each with the shares that it is given here, for as long as this client lives.
 *
 * Data does not move by itself. To go from some groups to others, `before` and `after`: begin to write to both owners of a
 * key, and read at the one after and then at the one before; go through the keys of all groups once, and copy those whose
 * owner differs (`moved` says how many that will be); when all clients know only `after`, delete what was copied. Or
 * stop writing for as long as it takes.
 *
 * ```ts
 * const users = sharded(UsersClient, { cluster, machine: 'users', groups: ['shard-0', 'shard-1', 'shard-2'] });
 * await users.for('ada').set('ada', 'v1');
 * ```
 *
 * @param Client The generated class.
 * @throws DecoraftError `InvalidArgument` for options that cannot be.
 */
export function sharded<Client>(Client: ClientClass<Client>, options: ShardedOptions): ShardedClient<Client> {
  const ring = new HashRing(options.groups);
  const clients = clientsOf(Client, options, ring);
  return new ShardedClient(clients, { ring, version: { membership: 0, weights: 0 } });
}

/**
 * As {@link sharded}, with the weights of a machine: when one changes, calls go to other groups from then on, in each client
 * when it hears of it. As data does not move by itself, this is for what can be made anew where it is missed, and for
 * whoever watches `onChange` and moves it.
 *
 * @throws DecoraftError as {@link sharded}, and what every query and subscription throws.
 */
export async function followWeights<Client>(
  Client: ClientClass<Client>,
  options: FollowedOptions,
): Promise<ShardedClient<Client>> {
  const clients = clientsOf(Client, options, new HashRing(options.groups));
  const follower = await WeightsFollower.open(options.cluster, options.weights);
  return new ShardedClient(clients, stateOf(options.groups, follower.view), follower);
}

function clientsOf<Client>(
  Client: ClientClass<Client>,
  { cluster, machine, options }: Pick<ShardedOptions, 'cluster' | 'machine' | 'options'>,
  { members }: HashRing,
): ReadonlyMap<string, Client> {
  if (members.length === 0)
    throw new DecoraftError('InvalidArgument', 'a sharded client needs the names of groups');
  if (typeof machine !== 'string' || machine === '') {
    throw new DecoraftError('InvalidArgument', 'a sharded client needs the name of a machine');
  }
  return new Map(members.map(({ id }) => [id, new Client(cluster.group(id), machine, options)]));
}

function stateOf(groups: readonly string[], view: WeightsView): RingState {
  return { ring: new HashRing(weighted(groups, view)), version: { membership: 0, weights: view.version } };
}
