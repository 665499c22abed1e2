// expect: impure-global at line 8
import { cmd, StateMachine } from 'decoraft';

class Ids {
  private static last = 0;

  static next(): number {
    return ++this.last;
  }
}

export class Global7 extends StateMachine {
  private id = 0;

  @cmd take(): void {
    this.id = Ids.next();
  }
}
