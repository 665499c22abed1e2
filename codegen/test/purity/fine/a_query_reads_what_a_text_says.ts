import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery22 extends StateMachine {
  private text = 'abc';
  private when = new Date(0);

  @cmd put(text: string): void {
    this.text = text;
  }

  @qry reversed(): string {
    const letters = this.text.split('');
    letters.reverse();
    const when = new Date(this.when);
    when.setUTCHours(0);
    const data = JSON.parse(JSON.stringify({ text: this.text })) as { text: string };
    data.text = letters.join('');
    return data.text + when.toISOString();
  }
}
