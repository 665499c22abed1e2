// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float6 extends StateMachine {
  private total = 0;

  @cmd add(points: { x: number; y: number }[]): void {
    this.total = points.reduce((sum, { x, y }) => sum + Math.hypot(x, y), this.total);
  }
}
