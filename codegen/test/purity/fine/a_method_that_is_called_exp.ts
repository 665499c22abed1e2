import { cmd, StateMachine } from 'decoraft';

class Calculator {
  exp(value: number): number {
    return value + 1;
  }

  sin = (value: number): number => value;
}

export class FineFloat3 extends StateMachine {
  private value = 0;

  @cmd set(value: number): void {
    const calculator = new Calculator();
    this.value = calculator.exp(calculator.sin(value));
  }
}
