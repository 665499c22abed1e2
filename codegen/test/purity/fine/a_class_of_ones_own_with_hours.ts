import { cmd, StateMachine } from 'decoraft';

class Duration {
  constructor(private readonly ms: number) {}

  getHours(): number {
    return Math.floor(this.ms / 3_600_000);
  }

  toString(): string {
    return `${this.getHours()} hours`;
  }
}

export class FineLocale3 extends StateMachine {
  private line = '';

  @cmd set(ms: number): void {
    const duration = new Duration(ms);
    this.line = `${duration} ${duration.toString()} ${duration.getHours()}`;
  }
}
