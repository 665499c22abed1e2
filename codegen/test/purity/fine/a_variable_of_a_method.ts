import { cmd, StateMachine } from 'decoraft';

export class FineGlobal6 extends StateMachine {
  private total = 0;

  @cmd add(values: number[]): void {
    let sum = 0;
    const seen = new Set<number>();
    for (const value of values) {
      if (!seen.has(value)) sum += value;
      seen.add(value);
    }
    this.total = sum;
  }
}
