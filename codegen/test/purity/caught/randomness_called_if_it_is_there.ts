// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random4 extends StateMachine {
  private dice = 0;

  @cmd roll(): void {
    this.dice = Math?.['random']?.() ?? 0;
  }
}
