// expect: impure-global at line 12
import { cmd, StateMachine } from 'decoraft';

namespace Ids {
  export let last = 0;
}

export class Global25 extends StateMachine {
  private id = 0;

  @cmd take(): void {
    Ids.last += 1;
    this.id += 1;
  }
}
