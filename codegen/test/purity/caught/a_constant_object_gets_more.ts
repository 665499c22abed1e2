// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const DEFAULTS: { size?: number; name?: string } = { size: 1 };

export class Global10 extends StateMachine {
  private size = 0;

  @cmd set(size: number): void {
    Object.assign(DEFAULTS, { size });
    this.size = size;
  }
}
