import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery4 extends StateMachine {
  private readonly list: string[] = [];

  @cmd put(value: string): void {
    this.list.push(value);
  }

  @qry known(names: string[]): string[] {
    names.sort();
    names.push(`${this.list.length}`);
    return names;
  }
}
