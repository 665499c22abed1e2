import type { Random } from '@decoraft/base';
import { millisecondsBetween } from './randomness.js';

/** Whether packets from one machine to another are meant. */
export type LinkRule = (from: string, to: string) => boolean;

/** What happens to Raft's one-way messages on their way, as probabilities from 0 to 1. */
export interface Storm {
  readonly drop: number;
  readonly duplicate: number;
  /** Sent after others that were sent later. */
  readonly reorder: number;
  /** How late one that is duplicated or reordered comes at most, in milliseconds. */
  readonly delayMs: number;
}

/** Ends what was begun. */
export type Undo = () => void;

const USUAL_MS = { least: 0.1, end: 0.6 } as const;
/** Some packets meet a full queue. */
const TAIL = { share: 0.02, least: 1, end: 8 } as const;

/**
 * The cables of the simulated network: who reaches whom now, how fast, and how well. Directions are separate, and
 * effects pile up: a link is whole again when all that cut it has ended.
 */
export class Links {
  readonly #random: Random;
  readonly #cuts: LinkRule[] = [];
  readonly #refusals: LinkRule[] = [];
  readonly #storms: Storm[] = [];
  readonly #slow: { readonly rule: LinkRule; readonly extraMs: number }[] = [];
  /** Called when a cut has ended. */
  onHealed: () => void = () => undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Nothing passes where the rule says so, and nobody is told. */
  cut(rule: LinkRule): Undo {
    const undo = add(this.#cuts, rule);
    return () => {
      undo();
      this.onHealed();
    };
  }

  /** New connections are refused where the rule says so. */
  refuse(rule: LinkRule): Undo {
    return add(this.#refusals, rule);
  }

  storm(storm: Storm): Undo {
    return add(this.#storms, storm);
  }

  slow(rule: LinkRule, extraMs: number): Undo {
    return add(this.#slow, { rule, extraMs });
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.some((rule) => rule(from, to));
  }

  isRefused(from: string, to: string): boolean {
    return this.#refusals.some((rule) => rule(from, to));
  }

  /** All storms that rage, as one; `undefined` when the sky is clear. */
  get weather(): Storm | undefined {
    if (this.#storms.length <= 1) return this.#storms[0];
    const worst = (pick: (storm: Storm) => number): number => Math.max(...this.#storms.map(pick));
    return {
      drop: worst(({ drop }) => drop),
      duplicate: worst(({ duplicate }) => duplicate),
      reorder: worst(({ reorder }) => reorder),
      delayMs: worst(({ delayMs }) => delayMs),
    };
  }

  /** How long the next packet takes. */
  latencyMs(from: string, to: string): number {
    const isLate = this.#random() < TAIL.share;
    const { end, least } = isLate ? TAIL : USUAL_MS;
    let latencyMs = millisecondsBetween(this.#random, least, end);
    for (const { extraMs, rule } of this.#slow) if (rule(from, to)) latencyMs += extraMs;
    return latencyMs;
  }
}

function add<Item>(list: Item[], item: Item): Undo {
  list.push(item);
  return () => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  };
}
