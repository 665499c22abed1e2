import { cmd, StateMachine } from 'decoraft';

class Amount {
  constructor(readonly value: number) {}

  toString(): string {
    return this.value.toFixed(2);
  }
}

export class FineCode21 extends StateMachine {
  private line = '';

  @cmd set(value: number): void {
    const amount = new Amount(value);
    this.line = `${amount}` + amount.toString() + String(amount);
  }
}
