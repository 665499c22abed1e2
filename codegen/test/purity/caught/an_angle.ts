// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float20 extends StateMachine {
  private angle = 0;

  @cmd set(x: number, y: number): void {
    const { atan2: angleOf = Math.max } = Math;
    this.angle = angleOf(y, x);
  }
}
