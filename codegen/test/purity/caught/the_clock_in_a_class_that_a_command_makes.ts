// expect: impure-clock at line 5
import { cmd, StateMachine } from 'decoraft';

class Receipt {
  readonly at: number = Date.now();

  constructor(readonly name: string) {}
}

export class Clock27 extends StateMachine {
  private last = 0;

  @cmd touch(name: string): string {
    const receipt = new Receipt(name);
    this.last = receipt.at;
    return receipt.name;
  }
}
