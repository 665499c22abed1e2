import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery2 extends StateMachine {
  private readonly items = new Map<string, number>();

  @cmd put(key: string, value: number): void {
    this.items.set(key, value);
  }

  @qry total(): Record<string, number> {
    const result: Record<string, number> = {};
    let sum = 0;
    for (const [key, value] of this.items) {
      sum += value;
      collect(result, key, sum);
    }
    return result;
  }
}

function collect(into: Record<string, number>, key: string, value: number): void {
  into[key] = value;
}
