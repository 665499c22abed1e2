// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float3 extends StateMachine {
  private total = 1;

  @cmd interest(years: number): void {
    this.total *= Math.pow(1.05, years);
  }
}
