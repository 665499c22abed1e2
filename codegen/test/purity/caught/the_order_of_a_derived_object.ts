// expect: impure-order at line 12
import { cmd, derived, qry, StateMachine } from 'decoraft';

export class Order22 extends StateMachine {
  private items: string[] = [];
  private line = '';
  @derived private index: Record<string, number> = {};

  @cmd add(item: string): void {
    this.items.push(item);
    this.index[item] = item.length;
    this.line = Object.keys(this.index).join();
  }

  @qry get(): string {
    return this.line;
  }

  override restored(): void {
    this.index = Object.fromEntries(this.items.map((item) => [item, item.length]));
  }
}
