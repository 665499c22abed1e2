/**
 * What moves when a member of a ring leaves or comes, how far shares are from their weights, and what a lookup costs;
 * beside a ring of points (a thousand for each member) and jump hash over the sorted list, in the same run.
 *
 *     npx tsx bench/sharding.ts
 */
import { fileURLToPath } from 'node:url';
import { stableHash } from '@decoraft/base';
import { HashRing, SLOT_COUNT } from '@decoraft/sharding';
import { rounded } from './rounded.js';

export interface MovingRow {
  readonly way: string;
  /** Of ten members one after the other: keys that move when it leaves, in shares of the ideal. The worst. */
  readonly movedAtMost: number;
  /** Of those keys, the part that was not the leaving member's own. The worst. */
  readonly movedOfOthers: number;
  /** The same when an eleventh comes. */
  readonly movedToNew: number;
  /** How far a share is from what it should be, the worst of ten, in percent. */
  readonly shareError: number;
  readonly lookupsPerSecond: number;
}

export interface WeightRow {
  readonly weights: string;
  readonly members: number;
  /** The worst of the members, in percent of its share. */
  readonly shareError: number;
  /** To draw all slots, which nobody has to wait for but who compares two rings. */
  readonly milliseconds: number;
}

type Owner = (key: string) => string;

const KEYS = Array.from({ length: 200_000 }, (_, at) => `key-${at}`);
const TEN = Array.from({ length: 10 }, (_, at) => `node-${at}`);
const POINTS = 1_000;
const LOOKUPS = 2_000_000;

const drawn = (members: readonly string[]): Owner => {
  const ring = new HashRing(members);
  return (key) => ring.ownerOf(key) ?? '';
};

/** The textbook's ring: the owner is the next point clockwise. */
const points = (members: readonly string[]): Owner => {
  const all = members
    .flatMap((id) => Array.from({ length: POINTS }, (_, at) => ({ id, place: stableHash(`${id} ${at}`) })))
    .toSorted((left, right) => left.place - right.place);
  return (key) => {
    const place = stableHash(key);
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.place ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return all[low % all.length]?.id ?? '';
  };
};

/** Lamping and Veach, over places in the sorted list: who leaves from its middle renumbers all behind it. */
const jump = (members: readonly string[]): Owner => {
  const sorted = members.toSorted();
  return (key) => {
    let state = (BigInt(stableHash(key)) << 32n) | BigInt(stableHash(`${key} low`));
    let [place, next] = [-1, 0];
    while (next < sorted.length) {
      place = next;
      state = BigInt.asUintN(64, state * 2_862_933_555_777_941_757n + 1n);
      next = Math.floor((place + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
    }
    return sorted[place] ?? '';
  };
};

export function benchSharding(): {
  readonly moving: readonly MovingRow[];
  readonly weights: readonly WeightRow[];
} {
  const moving = [
    measureMoving('weighted draws, ours', drawn),
    measureMoving(`${POINTS} points a member`, points),
    measureMoving('jump hash', jump),
  ];
  return { moving, weights: WEIGHTS.map(([name, members]) => measureWeights(name, members)) };
}

function measureMoving(way: string, make: (members: readonly string[]) => Owner): MovingRow {
  const owner = make(TEN);
  const before = KEYS.map(owner);
  const leaving = TEN.map((id) => {
    const after = KEYS.map(make(TEN.filter((other) => other !== id)));
    const moved = before.filter((was, at) => was !== after[at]);
    return { all: moved.length, others: moved.filter((was) => was !== id).length };
  });
  const eleven = KEYS.map(make([...TEN, 'node-new']));
  const counts = TEN.map((id) => before.filter((was) => was === id).length);
  return {
    way,
    movedAtMost: Math.max(...leaving.map(({ all }) => all)) / (KEYS.length / 10),
    movedOfOthers: Math.max(...leaving.map(({ all, others }) => others / all)),
    movedToNew: before.filter((was, at) => was !== eleven[at]).length / (KEYS.length / 11),
    shareError: 100 * Math.max(...counts.map((count) => Math.abs(count / (KEYS.length / 10) - 1))),
    lookupsPerSecond: measureLookups(owner),
  };
}

function measureLookups(owner: Owner): number {
  const lookups = LOOKUPS;
  const startMs = performance.now();
  let found = 0;
  let done = 0;
  for (; done < lookups && performance.now() - startMs < 2_000; done += 1_000) {
    for (let at = 0; at < 1_000; at++) if (owner(KEYS[(done + at) % 10_000] ?? '') !== '') found += 1;
  }
  if (found !== done) throw new Error('a key has no owner');
  return (done * 1_000) / (performance.now() - startMs);
}

const WEIGHTS: readonly (readonly [string, readonly number[]])[] = [
  ['1, ten times', TEN.map(() => 1)],
  ['1 to 10', TEN.map((_, at) => at + 1)],
  ['1 and 2', TEN.map((_, at) => 1 + (at % 2))],
  ['one of 1, nine of 4', TEN.map((_, at) => (at === 0 ? 1 : 4))],
  ['1, a hundred times', Array.from({ length: 100 }, () => 1)],
];

function measureWeights(weights: string, all: readonly number[]): WeightRow {
  const members = all.map((weight, at) => ({ id: `node-${at}`, weight }));
  const ring = new HashRing(members);
  const counts = new Map<string, number>();
  const startMs = performance.now();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = ring.ownerOfSlot(slot) ?? '';
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const milliseconds = performance.now() - startMs;
  const errors = members.map(({ id }) => Math.abs((counts.get(id) ?? 0) / SLOT_COUNT / ring.shareOf(id) - 1));
  return { weights, members: all.length, shareError: 100 * Math.max(...errors), milliseconds };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { moving, weights } = benchSharding();
  console.table(moving.map(rounded));
  console.table(weights.map(rounded));
}
