import { cmd, StateMachine } from 'decoraft';

export class FineLocale4 extends StateMachine {
  private day = '';

  @cmd tick(): void {
    const date = new Date(this.context.time);
    this.day = `${date.getUTCFullYear()}-${date.getUTCMonth() + 1} ${date.toISOString()} ${date.toJSON()}`;
    this.day += JSON.stringify({ date, at: date.getTime(), more: +date });
  }
}
