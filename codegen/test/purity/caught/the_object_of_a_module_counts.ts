// expect: impure-global at line 18
import { cmd, StateMachine } from 'decoraft';

class Counter {
  private count = 0;

  next(): number {
    return ++this.count;
  }
}

const counter = new Counter();

export class Global20 extends StateMachine {
  private id = 0;

  @cmd take(): void {
    this.id = counter.next();
  }
}
