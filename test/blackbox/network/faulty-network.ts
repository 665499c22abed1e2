import type { Random } from '@decoraft/base';
import type { Ways } from '../processes/names.js';
import { Link } from './link.js';
import { Wire } from './wire.js';

export interface FaultyNetworkOptions {
  /** Addresses of the nodes by id. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Who connects to the nodes, beside the nodes themselves. */
  readonly clients: readonly string[];
  readonly random: Random;
}

/**
 * A proxy between every two parties: each node reaches each other node, and each client each node, by a port of its own,
 * so that one pair can be parted alone, and in one direction alone.
 */
export class FaultyNetwork {
  readonly #nodes: Readonly<Record<string, string>>;
  readonly #links = new Map<string, Link>();
  readonly #wires = new Map<string, Wire>();

  private constructor(nodes: Readonly<Record<string, string>>) {
    this.#nodes = nodes;
  }

  static async open({ clients, nodes, random }: FaultyNetworkOptions): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(nodes);
    for (const from of [...Object.keys(nodes), ...clients]) {
      for (const [to, address] of Object.entries(nodes)) {
        if (from === to) continue;
        const [host = '', port] = address.split(':');
        const target = { host, port: Number(port) };
        const link = await Link.open({
          target,
          there: network.wire(from, to),
          back: network.wire(to, from),
          random,
        });
        network.#links.set(keyOf(from, to), link);
      }
    }
    return network;
  }

  /** How `from` reaches every node. */
  waysOf(from: string): Ways {
    return Object.fromEntries(
      Object.entries(this.#nodes).flatMap(([to, address]) => {
        const link = this.#links.get(keyOf(from, to));
        return link ? [[address, link.address]] : [];
      }),
    );
  }

  /** What goes from one party to another, whoever of the two has connected. */
  wire(from: string, to: string): Wire {
    const key = keyOf(from, to);
    const wire = this.#wires.get(key) ?? new Wire();
    this.#wires.set(key, wire);
    return wire;
  }

  /** Ends all connections between two parties. */
  reset(one: string, other: string): void {
    for (const link of this.#between(one, other)) link.reset();
  }

  /** Lets no connection between two parties come about, or again. */
  refuse(one: string, other: string, isRefusing: boolean): void {
    for (const link of this.#between(one, other)) link.isRefusing = isRefusing;
    if (isRefusing) this.reset(one, other);
  }

  async close(): Promise<void> {
    for (const wire of this.#wires.values()) wire.set({ kind: 'pass' });
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  #between(one: string, other: string): readonly Link[] {
    return [keyOf(one, other), keyOf(other, one)].flatMap((key) => this.#links.get(key) ?? []);
  }
}

function keyOf(from: string, to: string): string {
  return `${from}→${to}`;
}
