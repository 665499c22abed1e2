import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery1 extends StateMachine {
  private list: number[] = [];
  private rows = new Map<string, { cells: number[] }>();

  @cmd put(value: number): void {
    this.list.push(value);
    this.rows.set(`${value}`, { cells: [value] });
  }

  @qry sorted(): number[] {
    const list = [...this.list];
    list.sort((left, right) => left - right);
    list.push(...largest(this.list.slice()));
    const rows = structuredClone(this.rows);
    rows.get('1')?.cells.push(1);
    const row = { ...this.rows.get('1') };
    row.cells = list;
    return this.list.filter((each) => each > 1).reverse();
  }
}

function largest(list: number[]): number[] {
  return list.sort((left, right) => right - left).splice(0, 3);
}
