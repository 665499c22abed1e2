import type { Random } from '@decoraft/base';
import { choose } from '../randomness.js';
import type { SimulatedNode } from '../simulated-node.js';
import type { Battlefield } from './fault.js';

/** How often the leader is struck rather than anybody: it is where mistakes live. */
const LEADER_SHARE = 0.4;

/** A node that runs; the leader more often than others. */
export function someNode({ cluster, random }: Battlefield): SimulatedNode | undefined {
  const { leader } = cluster;
  const isLeader = random() < LEADER_SHARE;
  const up = cluster.up.filter((node) => node.raft !== undefined);
  if (up.length === 0) return undefined;
  const any = choose(random, up);
  return isLeader && leader ? leader : any;
}

/** All machines: nodes first, then clients. */
export function machinesOf({ clients, cluster }: Battlefield): readonly string[] {
  return [...cluster.nodes.map(({ id }) => id), ...clients];
}

/** The same elements in another order. */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const rest = [...items];
  for (let at = rest.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [rest[at], rest[other]] = [rest[other] as Item, rest[at] as Item];
  }
  return rest;
}
