import { compareText } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { cmd, event, qry, StateMachine, sub } from '@decoraft/state-machine';
import { checkWeight } from '../ring.js';
import type { WeightRecord, WeightsView } from './records.js';

const WEIGHTS_LIMIT = 10_000;
const ID_LIMIT = 256;

/**
 * The weights of a ring: who is to own how much, compared with the others. Who has no weight here weighs 1, and one of
 * weight 0 owns nothing: so a member is emptied before it leaves.
 */
export class ShardWeights extends StateMachine {
  private readonly weights = new Map<string, number>();
  private version = 0;

  /** All weights, whenever one has changed. */
  @sub onWeightsChanged = event<() => WeightsView>();

  /**
   * @param weight 0, or 0.001 to 1,000,000; only ratios count.
   * @returns The version that has it: the same as before where it was so already.
   */
  @cmd setWeight(id: string, weight: number): number {
    return this.setWeights([{ id, weight }]);
  }

  /** Sets several weights in one step, so that nobody ever sees some of them; others stay as they are. */
  @cmd setWeights(weights: readonly WeightRecord[]): number {
    for (const { id, weight } of weights) {
      checkId(id);
      checkWeight(weight, id);
    }
    const added = new Set(weights.map(({ id }) => id).filter((id) => !this.weights.has(id)));
    if (this.weights.size + added.size > WEIGHTS_LIMIT) {
      throw new DecoraftError(
        'Overloaded',
        `there are ${this.weights.size} weights: no more than ${WEIGHTS_LIMIT}`,
      );
    }
    let hasChanged = false;
    for (const { id, weight } of weights) {
      hasChanged ||= this.weights.get(id) !== weight;
      this.weights.set(id, weight);
    }
    return hasChanged ? this.changed() : this.version;
  }

  /** From now on it weighs 1 again, as who was never named. @returns The version that has it. */
  @cmd removeWeight(id: string): number {
    return this.weights.delete(id) ? this.changed() : this.version;
  }

  @qry view(): WeightsView {
    return this.current();
  }

  private changed(): number {
    this.version += 1;
    this.onWeightsChanged().notify(this.current());
    return this.version;
  }

  private current(): WeightsView {
    const weights = [...this.weights].map(([id, weight]) => ({ id, weight }));
    return {
      version: this.version,
      weights: weights.toSorted((left, right) => compareText(left.id, right.id)),
    };
  }
}

function checkId(id: string): void {
  if (id !== '' && id.length <= ID_LIMIT) return;
  throw new DecoraftError('InvalidArgument', `the id of a weight has 1 to ${ID_LIMIT} characters`);
}
