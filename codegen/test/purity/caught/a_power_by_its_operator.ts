// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float4 extends StateMachine {
  private total = 1;

  @cmd interest(years: number): void {
    this.total = 1.05 ** years;
  }
}
