// expect: impure-clock at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query12 extends StateMachine {
  private readonly due = new Map<string, number>();

  @cmd set(key: string, at: number): void {
    this.due.set(key, at);
  }

  @qry isDue(key: string): boolean {
    return (this.due.get(key) ?? 0) <= Date.now();
  }
}
