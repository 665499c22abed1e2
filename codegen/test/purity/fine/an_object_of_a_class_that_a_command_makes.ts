import { cmd, StateMachine } from 'decoraft';

class Counter {
  #count = 0;

  add(): number {
    return (this.#count += 1);
  }
}

export class FineGlobal8 extends StateMachine {
  private total = 0;

  @cmd add(times: number): void {
    const counter = new Counter();
    for (let at = 0; at < times; at++) this.total = counter.add();
  }
}
