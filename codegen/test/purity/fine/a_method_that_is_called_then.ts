import { cmd, StateMachine } from 'decoraft';

class Chain {
  readonly values: number[] = [];

  then(value: number): this {
    this.values.push(value);
    return this;
  }

  catch(value: number): number {
    return this.values.length + value;
  }
}

export class FineAwait2 extends StateMachine {
  private size = 0;

  @cmd add(): void {
    this.size = new Chain().then(1).then(2).catch(3);
  }
}
