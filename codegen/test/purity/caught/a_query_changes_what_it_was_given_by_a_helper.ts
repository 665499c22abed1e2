// expect: query-changes-state at line 13
import { cmd, qry, StateMachine } from 'decoraft';

export class Query8 extends StateMachine {
  private readonly rows = new Map<string, { cells: number[] }>();

  @cmd put(key: string): void {
    this.rows.set(key, { cells: [] });
  }

  @qry get(key: string): number {
    const row = this.row(key);
    row.cells.push(1);
    return row.cells.length;
  }

  private row(key: string): { cells: number[] } {
    const found = this.rows.get(key);
    if (!found) throw new Error(`no row ${key}`);
    return found;
  }
}
