import { cmd, StateMachine } from 'decoraft';

export class FineGlobal13 extends StateMachine {
  private value = 0n;

  @cmd compute(count: number): void {
    this.value = BigInt(factorial(count)) + (isEven(count) ? 1n : 0n);
  }
}

function factorial(value: number): number {
  return value <= 1 ? 1 : value * factorial(value - 1);
}

const isEven = (value: number): boolean => value === 0 || isOdd(value - 1);
const isOdd = (value: number): boolean => value !== 0 && isEven(value - 1);
