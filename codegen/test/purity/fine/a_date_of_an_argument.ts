import { cmd, StateMachine } from 'decoraft';

export class FineClock3 extends StateMachine {
  private due = new Date(0);

  @cmd set(due: Date, text: string): void {
    this.due = due.getTime() > 0 ? new Date(due) : new Date(Date.UTC(2024, 1, 29));
    if (Date.parse(`${text}T00:00:00Z`) > 0) this.due.setUTCHours(0);
  }
}
