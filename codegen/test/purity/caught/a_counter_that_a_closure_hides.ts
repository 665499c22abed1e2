// expect: impure-global at line 6
import { cmd, StateMachine } from 'decoraft';

const next = (() => {
  let last = 0;
  return () => ++last;
})();

export class Global9 extends StateMachine {
  private id = 0;

  @cmd take(): void {
    this.id = next();
  }
}
