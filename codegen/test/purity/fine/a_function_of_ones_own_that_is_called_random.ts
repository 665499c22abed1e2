import { cmd, StateMachine } from 'decoraft';

const random = (seed: number): number => Math.imul(seed, 48_271) >>> 0;

export class FineRandom4 extends StateMachine {
  private seed = 1;

  @cmd roll(): number {
    this.seed = random(this.seed);
    return this.seed;
  }
}
