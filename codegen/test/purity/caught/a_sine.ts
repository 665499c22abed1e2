// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float1 extends StateMachine {
  private height = 0;

  @cmd move(angle: number): void {
    this.height = Math.sin(angle);
  }
}
