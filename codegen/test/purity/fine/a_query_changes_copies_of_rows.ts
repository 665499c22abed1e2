import { cmd, qry, StateMachine } from 'decoraft';

interface Row {
  count: number;
  readonly cells: number[];
}

export class FineQuery20 extends StateMachine {
  private readonly rows: Row[] = [];

  @cmd put(): void {
    this.rows.push({ count: 0, cells: [] });
  }

  @qry find(): Row[] {
    const rows = this.rows.map((row) => ({ ...row, cells: [...row.cells] }));
    for (const row of rows) {
      row.count += 1;
      row.cells.push(1);
    }
    rows.sort((left, right) => left.count - right.count);
    return rows;
  }

  @qry count(): number {
    const counts = this.rows.map(({ count }) => count);
    counts.push(1);
    const cells = this.rows.flatMap((row) => row.cells);
    cells.sort();
    const [, ...rest] = counts;
    rest.pop();
    return cells.length + rest.length + new Set(counts).size;
  }
}
