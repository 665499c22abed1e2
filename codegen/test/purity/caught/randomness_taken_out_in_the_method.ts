// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random3 extends StateMachine {
  private dice = 0;

  @cmd roll(): void {
    const { floor, random: next } = Math;
    this.dice = floor(next() * 6);
  }
}
