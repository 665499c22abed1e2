import { cmd, StateMachine } from 'decoraft';

export class FineLocale20 extends StateMachine {
  private due = new Date(0);

  @cmd set(): boolean {
    const from = new Date('2024-02-29');
    const to = new Date('2024-02-29T10:00:00Z');
    const later = new Date(from.getTime() + 5);
    this.due = new Date(Date.parse('2024-02-29T10:00:00.000Z'));
    this.due.setUTCMonth(3, 1);
    return from < to && +later > to.valueOf() && this.due > new Date(Date.UTC(2024, 0));
  }
}
