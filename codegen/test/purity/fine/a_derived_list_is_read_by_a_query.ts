import { cmd, derived, qry, StateMachine } from 'decoraft';

export class FineOrder21 extends StateMachine {
  private items: string[] = [];
  @derived private readonly index = new Map<string, number>();

  @cmd add(item: string): void {
    this.items.push(item);
    this.index.set(item, item.length);
  }

  @qry has(item: string): boolean {
    return this.index.has(item);
  }

  override restored(): void {
    this.index.clear();
    this.items.forEach((item) => this.index.set(item, item.length));
  }
}
