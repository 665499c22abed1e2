import type { LinkRule, Storm, Undo } from '../links.js';
import { choose, integerBetween, millisecondsBetween } from '../randomness.js';
import { type Fault, nothingToUndo } from './fault.js';
import { machinesOf, shuffled, someNode } from './targets.js';

const EXTRA_LATENCY_MS = [20, 400] as const;
const FLAP_MS = [50, 800] as const;
const STORM_DELAY_MS = 1_500;

/** Two halves, clients among them, that do not reach each other. */
export const split: Fault = (field) => {
  const nodes = shuffled(
    field.random,
    field.cluster.nodes.map(({ id }) => id),
  );
  if (nodes.length < 2) return undefined;
  const minority = new Set(nodes.slice(0, integerBetween(field.random, 1, nodes.length)));
  for (const client of field.clients) if (field.random() < 0.5) minority.add(client);
  return field.world.network.links.cut((from, to) => minority.has(from) !== minority.has(to));
};

/** One node reaches no other, and none reaches it; clients may still. */
export const isolation: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  const reachesClients = field.random() < 0.5;
  const clients = new Set(field.clients);
  return field.world.network.links.cut((from, to) => {
    if (from !== node.id && to !== node.id) return false;
    return !(reachesClients && (clients.has(from) || clients.has(to)));
  });
};

/** One node hears and is not heard, or the other way round. */
export const oneWay: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  const isMute = field.random() < 0.5;
  return field.world.network.links.cut((from, to) => (isMute ? from : to) === node.id);
};

/** Two halves that do not reach each other, and one node that reaches both. */
export const bridge: Fault = (field) => {
  const [middle, ...others] = shuffled(
    field.random,
    field.cluster.nodes.map(({ id }) => id),
  );
  if (middle === undefined || others.length < 2) return undefined;
  const left = new Set(others.slice(0, others.length >> 1));
  const right = new Set(others.slice(others.length >> 1));
  const apart: LinkRule = (from, to) =>
    (left.has(from) && right.has(to)) || (right.has(from) && left.has(to));
  return field.world.network.links.cut(apart);
};

/** A link between two machines that comes and goes. */
export const flapping: Fault = (field) => {
  const [one, other] = shuffled(field.random, machinesOf(field));
  if (one === undefined || other === undefined) return undefined;
  const { network } = field.world;
  const between: LinkRule = (from, to) => (from === one && to === other) || (from === other && to === one);
  let isOver = false;
  let heal: Undo | undefined;
  const flap = (): void => {
    if (isOver) return;
    if (heal) {
      heal();
      heal = undefined;
    } else {
      heal = network.links.cut(between);
    }
    field.world.after(millisecondsBetween(field.random, ...FLAP_MS), 'flap', flap);
  };
  flap();
  return () => {
    isOver = true;
    heal?.();
  };
};

/** Packets from or to one node take long. */
export const slowLink: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  const extraMs = millisecondsBetween(field.random, ...EXTRA_LATENCY_MS);
  const [outwards, inwards] = choose(field.random, [
    [true, true],
    [true, false],
    [false, true],
  ] as const);
  const rule: LinkRule = (from, to) => (outwards && from === node.id) || (inwards && to === node.id);
  return field.world.network.links.slow(rule, extraMs);
};

/** One connection breaks: for both sides, or for one while the other takes it for whole. */
export function brokenConnection(how: 'cut' | 'half-open'): Fault {
  return (field) => {
    const node = someNode(field);
    if (!node) return undefined;
    const touches = (machine: string, other: string): boolean => machine === node.id || other === node.id;
    const wasBroken = field.world.network.breakOne(field.random, touches, how);
    return wasBroken ? nothingToUndo : undefined;
  };
}

/** One node takes no new connections; those that are there go on, until one of them breaks. */
export const refused: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  const { network } = field.world;
  network.breakOne(field.random, (_, other) => other === node.id, 'cut');
  return network.links.refuse((_, to) => to === node.id);
};

export const dropStorm: Fault = (field) =>
  storm(field, { drop: millisecondsBetween(field.random, 0.05, 0.6), duplicate: 0, reorder: 0 });

export const duplicateStorm: Fault = (field) =>
  storm(field, { drop: 0, duplicate: millisecondsBetween(field.random, 0.1, 0.8), reorder: 0.1 });

export const reorderStorm: Fault = (field) =>
  storm(field, { drop: 0.02, duplicate: 0.05, reorder: millisecondsBetween(field.random, 0.1, 0.8) });

function storm(field: Parameters<Fault>[0], strength: Omit<Storm, 'delayMs'>): Undo {
  const delayMs = millisecondsBetween(field.random, 5, STORM_DELAY_MS);
  return field.world.network.links.storm({ ...strength, delayMs });
}
