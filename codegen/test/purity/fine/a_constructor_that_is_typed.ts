import { cmd, StateMachine } from 'decoraft';

export class FineCode5 extends StateMachine {
  private value: number[] = [];

  @cmd set(count: number): void {
    this.value = make(Array, count);
  }
}

function make(Type: new (length: number) => number[], count: number): number[] {
  return new Type(count).fill(0);
}
