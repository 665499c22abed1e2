import { stableHash } from '@decoraft/base';
import {
  changeConfiguration,
  type Configuration,
  decodeConfigurationChange,
  type Entry,
  type Index,
  index,
  type Term,
  term,
} from '../../src/index.js';
import type { Snapshot } from './memory-log.js';
import { bytes, textOf } from './words.js';

/** A snapshot with what was applied: a state for the eye. */
export interface Image extends Snapshot {
  readonly entries?: readonly Entry[];
}

/** What a state machine is after an entry. */
export interface MachineState {
  readonly index: Index;
  readonly term: Term;
  /** Of all entries up to here: two machines with the same one have applied the same. */
  readonly hash: number;
  readonly configuration: Configuration;
}

/** The simplest state machine: what it applied, with a chain of hashes that tells two of them apart. */
export class Machine {
  #states: MachineState[];
  #entries: Entry[] = [];

  constructor(configuration: Configuration, image?: Image) {
    this.#states = [{ index: index(0), term: term(0), hash: 0, configuration }];
    if (image) this.restore(image);
  }

  get state(): MachineState {
    const state = this.#states.at(-1);
    if (!state) throw new Error('a machine has a state');
    return state;
  }

  /** All that was applied, here or in the snapshot that it was restored from. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What it was after `at`; `undefined` before a snapshot that it was restored from. */
  stateAt(at: number): MachineState | undefined {
    const first = this.#states[0];
    return first && this.#states[at - first.index];
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { configuration, hash, index: before } = this.state;
      if (entry.index !== before + 1)
        throw new Error(`broken: entry ${entry.index} applied behind ${before}`);
      this.#entries.push(entry);
      this.#states.push({
        index: entry.index,
        term: entry.term,
        hash: stableHash(`${hash} ${entry.term} ${entry.kind} ${textOf(entry.data)}`),
        configuration: entry.kind === 'normal' ? configuration : changed(configuration, entry),
      });
    }
  }

  /** Of the state at `at`, which must be known. */
  snapshot(at: number): Image {
    const state = this.stateAt(at);
    if (!state) throw new Error(`the state at ${at} is not known`);
    const { configuration, hash, index: reached, term: inTerm } = state;
    const entries = this.#entries.filter((entry) => entry.index <= at);
    return { index: reached, term: inTerm, configuration, data: bytes(String(hash)), entries };
  }

  restore({ configuration, data, entries = [], index: reached, term: inTerm }: Image): void {
    this.#states = [{ index: reached, term: inTerm, hash: Number(textOf(data)), configuration }];
    this.#entries = [...entries];
  }
}

/** A change that is refused changes nothing, on every server alike. */
function changed(configuration: Configuration, { data }: Entry): Configuration {
  try {
    return changeConfiguration(configuration, decodeConfigurationChange(data));
  } catch {
    return configuration;
  }
}
