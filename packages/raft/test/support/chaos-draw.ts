import type { Random } from '@decoraft/base';
import { type ConfigurationChange, nodeId, type SingleChange } from '../../src/index.js';
import type { ClusterOptions, Company } from './cluster.js';

/** Draws from a seed what a random run begins with and what is asked of it. */
export class Draw {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  oneOf<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.random() * values.length)];
    if (value === undefined) throw new Error('nothing to choose from');
    return value;
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  shuffled<Value>(values: readonly Value[]): Value[] {
    const keyed = values.map((value) => ({ value, key: this.random() }));
    return keyed.toSorted((left, right) => left.key - right.key).map(({ value }) => value);
  }

  upTo(limit: number): number {
    return Math.floor(this.random() * (limit + 1));
  }

  /** Options that any cluster may have; small limits, so that all of them are met. */
  options(): ClusterOptions {
    const checkQuorum = this.oneOf([true, true, false]);
    const isLease = checkQuorum && this.chance(0.3);
    return {
      random: this.random,
      electionTicks: isLease ? this.oneOf([6, 10]) : this.oneOf([3, 6]),
      preVote: this.oneOf([true, true, false]),
      checkQuorum,
      readOnlyOption: isLease ? 'lease' : 'safe',
      asyncStorageWrites: this.chance(0.3),
      proposalForwarding: this.chance(0.2),
      maxMessageBytes: this.oneOf([1, 8, 1024]),
      maxInflightMessages: this.oneOf([1, 3, 256]),
      maxUncommittedBytes: this.oneOf([16, 1024]),
      maxCommittedBytes: this.oneOf([1, 8, 1024]),
    };
  }

  /** Who else there is, and who has a priority. */
  company(voters: readonly string[]): Company {
    const [first = 'f', ...others] = ['f', 'g'].slice(0, 1 + this.upTo(1));
    const learners = this.chance(0.3) ? [first] : [];
    const spares = this.chance(0.7) ? [...(learners.length > 0 ? [] : [first]), ...others] : [];
    const all = [...voters, ...learners, ...spares];
    const own = this.chance(0.2) ? all.map((name) => [name, { priority: this.upTo(3) }] as const) : [];
    return { learners, spares, own: Object.fromEntries(own) };
  }

  change(names: readonly string[]): ConfigurationChange {
    const count = this.oneOf([0, 1, 1, 1, 2, 3]);
    const changes = Array.from({ length: count }, (): SingleChange => {
      const kind = this.oneOf(['add-voter', 'add-voter', 'add-learner', 'remove'] as const);
      return { kind, id: nodeId(this.oneOf(names)) };
    });
    const transition = this.oneOf(['auto', 'auto', 'joint-implicit', 'joint-explicit'] as const);
    return { transition, changes, context: new Uint8Array(0) };
  }
}
