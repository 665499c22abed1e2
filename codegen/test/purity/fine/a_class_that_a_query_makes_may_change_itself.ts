import { cmd, qry, StateMachine } from 'decoraft';

class Sum {
  private total = 0;

  add(value: number): this {
    this.total += value;
    return this;
  }

  get result(): number {
    return this.total;
  }
}

export class FineQuery5 extends StateMachine {
  private readonly values: number[] = [];

  @cmd put(value: number): void {
    this.values.push(value);
  }

  @qry sum(): number {
    const sum = new Sum();
    for (const value of this.values) sum.add(value);
    return sum.result;
  }
}
