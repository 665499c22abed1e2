import type { Random } from '@decoraft/base';

/** Who a fault of a process meets. Who leads is known when it happens. */
export type Victim = 'leader' | 'follower' | 'everybody';

/** What happens to processes. */
export type ProcessFault =
  /** Killed, and started again on its disk after a while. */
  | { readonly kind: 'kill'; readonly victim: Victim; readonly forMs: number }
  /** Stopped where it stands, and let go on. */
  | { readonly kind: 'pause'; readonly victim: Victim | 'clients'; readonly forMs: number };

/** What happens between two parties, or between one and many. */
export type NetworkMode =
  /** What one says does not arrive, what it is told does. */
  | { readonly kind: 'one-way'; readonly isOutgoing: boolean }
  /** Connections stay, and carry nothing. */
  | { readonly kind: 'half-open' }
  | { readonly kind: 'delay'; readonly mostMs: number }
  /** Every connection breaks after some bytes, again and again. */
  | { readonly kind: 'drop'; readonly afterBytes: number }
  /** Connections that are there break, once. */
  | { readonly kind: 'cut' }
  /** None comes about. */
  | { readonly kind: 'refuse' };

/** `chance` chooses among those who are there when it happens. */
export type Between =
  | { readonly kind: 'two nodes'; readonly chance: number }
  | { readonly kind: 'the leader and the others' }
  | { readonly kind: 'a follower and the others'; readonly chance: number }
  | { readonly kind: 'a client and a node'; readonly chance: number }
  | { readonly kind: 'a client and all nodes'; readonly chance: number }
  | { readonly kind: 'all clients and the leader' };

export interface NetworkFault {
  readonly between: Between;
  readonly mode: NetworkMode;
  readonly forMs: number;
  /** What was held back arrives in the end, or is lost with its connections. */
  readonly end: 'arrives' | 'is lost';
}

/** Long enough for elections, shorter than most callers wait. */
const DOWN_MS = { least: 0, most: 3_000 };
const SHORT_PAUSE_MS = { least: 50, most: 900 };
const LONG_PAUSE_MS = { least: 1_000, most: 6_000 };
const NETWORK_MS = { least: 200, most: 6_000 };
/** Longer than the shortest of the clients' sessions live. */
const CUT_OFF_MS = { least: 5_000, most: 10_000 };
/** How often a client is cut off for so long. */
const CUT_OFFS = 0.15;
const MOST_DELAY_MS = 400;
const MOST_BYTES = 20_000;

export function planProcessFault(random: Random): ProcessFault {
  const kind = random();
  if (kind < 0.5) {
    return { kind: 'kill', victim: drawVictim(random), forMs: between(random, DOWN_MS) };
  }
  const forMs = between(random, random() < 0.5 ? SHORT_PAUSE_MS : LONG_PAUSE_MS);
  return { kind: 'pause', victim: random() < 0.15 ? 'clients' : drawVictim(random), forMs };
}

/** @param whose Between nodes, or between clients and nodes. */
export function planNetworkFault(random: Random, whose: 'nodes' | 'clients'): NetworkFault {
  return {
    between: whose === 'nodes' ? drawAmongNodes(random) : drawForClients(random),
    mode: drawMode(random),
    forMs: between(random, whose === 'clients' && random() < CUT_OFFS ? CUT_OFF_MS : NETWORK_MS),
    end: random() < 0.5 ? 'arrives' : 'is lost',
  };
}

function drawVictim(random: Random): Victim {
  const kind = random();
  if (kind < 0.6) return 'leader';
  return kind < 0.92 ? 'follower' : 'everybody';
}

function drawAmongNodes(random: Random): Between {
  const kind = random();
  const chance = random();
  if (kind < 0.45) return { kind: 'two nodes', chance };
  return kind < 0.8 ? { kind: 'the leader and the others' } : { kind: 'a follower and the others', chance };
}

function drawForClients(random: Random): Between {
  const kind = random();
  const chance = random();
  if (kind < 0.5) return { kind: 'a client and a node', chance };
  return kind < 0.85 ? { kind: 'a client and all nodes', chance } : { kind: 'all clients and the leader' };
}

function drawMode(random: Random): NetworkMode {
  const kind = random();
  const part = random();
  if (kind < 0.25) return { kind: 'one-way', isOutgoing: part < 0.5 };
  if (kind < 0.45) return { kind: 'half-open' };
  if (kind < 0.6) return { kind: 'delay', mostMs: part * MOST_DELAY_MS };
  if (kind < 0.75) return { kind: 'drop', afterBytes: Math.floor(part * MOST_BYTES) };
  return kind < 0.9 ? { kind: 'cut' } : { kind: 'refuse' };
}

function between(random: Random, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.round(least + random() * (most - least));
}
