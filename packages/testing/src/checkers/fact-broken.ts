import { CodedError } from '@decoraft/base';

/** What a checker found, as data. */
export interface Breach {
  /** The fact's own name, for example `log-matching`; stable. */
  readonly fact: string;
  /** What happened, in words, with every number that a person needs. */
  readonly finding: string;
  /** The nodes or clients between which it happened. */
  readonly nodes: readonly string[];
  /** The log indexes, where the fact is about the log. */
  readonly indexes: readonly number[];
}

/** A fact that must hold at every moment did not. The code is always `FactBroken`; `fact` says which. */
export class FactBroken extends CodedError {
  override name = 'FactBroken';
  readonly fact: string;
  readonly nodes: readonly string[];
  readonly indexes: readonly number[];

  constructor(breach: Breach) {
    super('FactBroken', `${breach.fact}: ${breach.finding}`, { data: breach });
    this.fact = breach.fact;
    this.nodes = breach.nodes;
    this.indexes = breach.indexes;
  }
}
