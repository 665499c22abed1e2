import { cmd, StateMachine } from 'decoraft';

export class FineOrder2 extends StateMachine {
  private entries: Record<string, number> = {};
  private line = '';

  @cmd put(key: string, value: number): void {
    this.entries[key] = value;
    for (const name in this.entries) this.line += name;
    this.line = Object.keys(this.entries).join() + JSON.stringify(Object.entries(this.entries));
  }
}
