// expect: query-changes-state at line 21
// expect: query-changes-state at line 27
// expect: query-changes-state at line 33
// expect: query-changes-state at line 37
import { cmd, qry, StateMachine } from 'decoraft';

interface Row {
  count: number;
  readonly cells: number[];
}

export class Query20 extends StateMachine {
  private readonly rows: Row[] = [];

  @cmd put(): void {
    this.rows.push({ count: 0, cells: [] });
  }

  @qry one(): void {
    [...this.rows].forEach((row) => {
      row.count += 1;
    });
  }

  @qry two(): void {
    const [first] = this.rows.toSorted((left, right) => left.count - right.count);
    if (first) first.count = 2;
  }

  @qry three(): void {
    const copy = { ...this.rows[0]! };
    copy.count = 3;
    copy.cells.push(3);
  }

  @qry four(): void {
    for (const row of this.rows.filter(({ count }) => count > 1)) row.count = 4;
  }
}
