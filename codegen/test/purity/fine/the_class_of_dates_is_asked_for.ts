import { cmd, StateMachine } from 'decoraft';

export class FineClock17 extends StateMachine {
  private at = 0;

  @cmd touch(value: Date | number): void {
    this.at = value instanceof Date ? value.valueOf() : value;
  }
}
