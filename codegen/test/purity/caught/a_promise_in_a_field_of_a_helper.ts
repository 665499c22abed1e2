// expect: impure-await at line 6
// expect: impure-await at line 9
import { cmd, StateMachine } from 'decoraft';

class Queue {
  private tail = Promise.resolve();

  add(run: () => void): void {
    this.tail = this.tail.then(run);
  }
}

export class Await20 extends StateMachine {
  private size = 0;

  @cmd add(): void {
    new Queue().add(() => (this.size += 1));
  }
}
