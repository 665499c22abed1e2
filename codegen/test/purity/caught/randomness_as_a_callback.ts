// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random6 extends StateMachine {
  private dice: number[] = [];

  @cmd roll(count: number): void {
    this.dice = Array.from({ length: count }, Math.random);
  }
}
