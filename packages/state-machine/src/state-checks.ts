import { type MachineId, MASTER_MACHINE, type StateHashesProposal } from '@decoraft/protocol';

/** How many checks are remembered: a server that answers later than that is not heard. */
const CHECKS_LIMIT = 16;

/** Servers that have applied the same log do not have the same state. */
export interface Diverged {
  readonly kind: 'diverged';
  /** Of the entry at which they were compared; the cause lies before it, and behind the last check that found none. */
  readonly index: number;
  /** The name under which the machine is registered, `#` and its id where it is not, and `*` for what is no machine's. */
  readonly machine: string;
  /** All who were heard, by their ids, and what the machine's state comes to on each. */
  readonly nodes: readonly NodeHash[];
  /** Those who differ from more than half of all who were asked; nobody where no such majority was heard yet. */
  readonly minority: readonly string[];
}

export interface NodeHash {
  readonly node: string;
  readonly hash: string;
}

interface Check {
  readonly nodes: readonly string[];
  /** What each server has told, by machine. */
  readonly told: Map<string, ReadonlyMap<MachineId, string>>;
  /** Who was named in the minority of a machine, joined: what was said once is not said again. */
  readonly said: Map<MachineId, string>;
}

/**
 * Compares what servers say of their states. A function of the log alone, so all servers come to the same result; but
 * no part of snapshots: one that was restored behind the entry that began a check hears nothing of it.
 *
 * A majority is one of all who were asked, not of those who were heard: whoever has heard less than others may say
 * nothing, but never the wrong thing.
 */
export class StateChecks {
  /** By the indexes of the entries that began them, in order. */
  readonly #checks = new Map<number, Check>();

  begin(index: number, nodes: readonly string[]): void {
    this.#checks.set(index, { nodes, told: new Map(), said: new Map() });
    const [oldest = index] = this.#checks.keys();
    if (this.#checks.size > CHECKS_LIMIT) this.#checks.delete(oldest);
  }

  /** What a server says; only its first word on a check counts. */
  hear(
    { hashes, index, node }: StateHashesProposal,
    nameOf: (machine: MachineId) => string | undefined,
  ): readonly Diverged[] {
    const check = this.#checks.get(index);
    if (!check || !check.nodes.includes(node) || check.told.has(node)) return [];
    check.told.set(node, new Map(hashes.map(({ hash, machine }) => [machine, hash])));
    return hashes.flatMap(({ machine }) => compare(index, check, machine, nameOf));
  }
}

/** A machine that a server does not host is compared among those who do. */
function compare(
  index: number,
  check: Check,
  machine: MachineId,
  nameOf: (machine: MachineId) => string | undefined,
): readonly Diverged[] {
  const nodes: NodeHash[] = [];
  for (const [node, hashes] of check.told) {
    const hash = hashes.get(machine);
    if (hash !== undefined) nodes.push({ node, hash });
  }
  if (nodes.every(({ hash }) => hash === nodes[0]?.hash)) return [];
  nodes.sort((left, right) => (left.node < right.node ? -1 : 1));
  const minority = minorityOf(nodes, check.nodes.length);
  const words = minority.join(' ');
  if (check.said.get(machine) === words) return [];
  check.said.set(machine, words);
  const name = machine === MASTER_MACHINE ? '*' : (nameOf(machine) ?? `#${machine}`);
  return [{ kind: 'diverged', index, machine: name, nodes, minority }];
}

function minorityOf(nodes: readonly NodeHash[], asked: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const { hash } of nodes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const [majority] = [...counts].find(([, count]) => count * 2 > asked) ?? [];
  if (majority === undefined) return [];
  return nodes.filter(({ hash }) => hash !== majority).map(({ node }) => node);
}
