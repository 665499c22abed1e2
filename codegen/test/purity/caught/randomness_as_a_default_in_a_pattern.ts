// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random22 extends StateMachine {
  private dice = 0;

  @cmd roll(options?: { seed?: number }): void {
    const { seed = Math.random() } = options ?? {};
    this.dice = seed;
  }
}
