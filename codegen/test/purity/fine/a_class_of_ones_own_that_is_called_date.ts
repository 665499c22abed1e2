import { cmd, StateMachine } from 'decoraft';

class Date {
  readonly days: number;

  constructor(days = 0) {
    this.days = days;
  }

  static now(): number {
    return 3;
  }
}

export class FineClock5 extends StateMachine {
  private days = 0;

  @cmd touch(): void {
    this.days = new Date().days + Date.now();
  }
}
