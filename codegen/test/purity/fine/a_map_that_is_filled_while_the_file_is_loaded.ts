import { cmd, StateMachine } from 'decoraft';

const SQUARES = new Map<number, number>();
for (let at = 0; at < 10; at++) SQUARES.set(at, at * at);

export class FineGlobal3 extends StateMachine {
  private total = 0;

  @cmd add(value: number): void {
    this.total += SQUARES.get(value) ?? 0;
  }
}
