// expect: impure-random at line 10
import { cmd, StateMachine } from 'decoraft';

const M = Math;

export class Random20 extends StateMachine {
  private dice = 0;

  @cmd roll(): void {
    this.dice = M.floor(M.random() * 6);
  }
}
