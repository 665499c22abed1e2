// expect: impure-order at line 12
import { cmd, derived, qry, StateMachine } from 'decoraft';

export class Order20 extends StateMachine {
  private items: string[] = [];
  private last: string | undefined;
  @derived private readonly waiting = new Set<string>();

  @cmd add(item: string): void {
    this.items.push(item);
    this.waiting.add(item);
    const [first] = this.waiting;
    this.last = first;
  }

  @qry get(): string | undefined {
    return this.last;
  }

  override restored(): void {
    this.waiting.clear();
    for (const item of this.items) this.waiting.add(item);
  }
}
