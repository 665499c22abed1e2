// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float7 extends StateMachine {
  private orders: number[] = [];

  @cmd add(values: number[]): void {
    this.orders = values.map(Math.log10);
  }
}
