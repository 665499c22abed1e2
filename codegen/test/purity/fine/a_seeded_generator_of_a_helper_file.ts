import { cmd, StateMachine } from 'decoraft';
import { random, Dice } from './a_seeded_generator_of_a_helper_file.helper.js';

export class FineRandom20 extends StateMachine {
  private value = 0;

  @cmd roll(seed: number): void {
    const dice = new Dice(seed);
    this.value = dice.next() + random(seed);
  }
}
