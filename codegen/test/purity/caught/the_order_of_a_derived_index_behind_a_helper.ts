// expect: impure-order at line 17
import { cmd, derived, qry, StateMachine } from 'decoraft';

export class Order3 extends StateMachine {
  private items: string[] = [];
  private line = '';
  @derived private byLength = new Map<number, string>();

  @cmd add(item: string): void {
    this.items.push(item);
    this.byLength.set(item.length, item);
    this.line = this.joined();
  }

  private joined(): string {
    let line = '';
    this.byLength.forEach((item) => {
      line += item;
    });
    return line;
  }

  @qry get(): string {
    return this.line;
  }

  override restored(): void {
    this.byLength = new Map(this.items.map((item) => [item.length, item]));
  }
}
