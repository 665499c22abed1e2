import { cmd, derived, qry, StateMachine } from 'decoraft';

export class FineCode6 extends StateMachine {
  private items: { name: string }[] = [];
  @derived private readonly lengths = new WeakMap<object, number>();

  @cmd add(name: string): void {
    const item = { name };
    this.items.push(item);
    this.lengths.set(item, name.length);
  }

  @qry length(at: number): number | undefined {
    const item = this.items[at];
    return item && this.lengths.get(item);
  }

  override restored(): void {
    for (const item of this.items) this.lengths.set(item, item.name.length);
  }
}
