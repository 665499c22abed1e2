// expect: impure-order at line 14
import { cmd, derived, qry, StateMachine } from 'decoraft';

export class Order21 extends StateMachine {
  private items: string[] = [];
  private line = '';
  @derived private index = new Map<string, number>();

  @cmd add(item: string): void {
    this.items.push(item);
    const { index } = this;
    index.set(item, item.length);
    const all = index;
    this.line = Array.from(all.keys()).join();
  }

  @qry get(): string {
    return this.line;
  }

  override restored(): void {
    this.index = new Map(this.items.map((item) => [item, item.length]));
  }
}
