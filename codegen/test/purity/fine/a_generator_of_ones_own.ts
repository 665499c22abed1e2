import { cmd, StateMachine } from 'decoraft';

export class FineAwait3 extends StateMachine {
  private values: number[] = [];

  @cmd fill(count: number): void {
    this.values = [...upTo(count)];
  }
}

function* upTo(count: number): Generator<number> {
  for (let at = 0; at < count; at++) yield at;
}
