import { cmd, StateMachine } from 'decoraft';

export class FineClock20 extends StateMachine {
  private total = 0;

  @cmd add(values: number[]): void {
    for (const [performance, value] of values.entries()) this.total += performance * value;
    for (let process = 0; process < 3; process++) this.total += process;
    try {
      if (this.total > 100) throw new Error('too much');
    } catch (crypto) {
      this.total = (crypto as Error).message.length;
    }
  }
}
