// expect: impure-float at line 10
import { cmd, StateMachine } from 'decoraft';

const { exp: grow, floor } = Math;

export class Float2 extends StateMachine {
  private size = 0;

  @cmd step(rate: number): void {
    this.size = floor(grow(rate));
  }
}
