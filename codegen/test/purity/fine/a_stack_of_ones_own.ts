import { cmd, qry, StateMachine } from 'decoraft';

class Plates {
  readonly stack: number[] = [];
}

export class FineCode2 extends StateMachine {
  private stack: number[] = [];

  @cmd push(value: number): void {
    const plates = new Plates();
    plates.stack.push(value);
    this.stack.push(...plates.stack);
  }

  @qry top(): number | undefined {
    return this.stack.at(-1);
  }
}
