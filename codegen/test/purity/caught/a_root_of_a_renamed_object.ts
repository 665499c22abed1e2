// expect: impure-float at line 4
import { cmd, StateMachine } from 'decoraft';

const geometry = { ...{ root: Math.cbrt } };

export class Float21 extends StateMachine {
  private side = 0;

  @cmd set(volume: number): void {
    this.side = geometry.root(volume);
  }
}
