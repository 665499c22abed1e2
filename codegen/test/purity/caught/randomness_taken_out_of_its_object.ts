// expect: impure-random at line 10
import { cmd, StateMachine } from 'decoraft';

const { random } = Math;

export class Random2 extends StateMachine {
  private dice = 0;

  @cmd roll(): void {
    this.dice = random();
  }
}
