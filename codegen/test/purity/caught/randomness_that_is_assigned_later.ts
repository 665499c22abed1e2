// expect: impure-random at line 9
import { cmd, StateMachine } from 'decoraft';

export class Random21 extends StateMachine {
  private dice = 0;

  @cmd roll(isFair: boolean): void {
    let next: () => number = this.context.random;
    if (!isFair) next = Math.random;
    this.dice = next();
  }
}
