import { cmd, derived, qry, StateMachine } from 'decoraft';

export class FineOrder20 extends StateMachine {
  private items: string[] = [];
  private line = '';
  @derived private readonly index = new Set<string>();

  @cmd add(item: string): void {
    this.items.push(item);
    this.index.add(item);
    this.line = [...this.index].toSorted().join();
  }

  @qry get(): string {
    return this.line;
  }

  override restored(): void {
    this.index.clear();
    for (const item of this.items) this.index.add(item);
  }
}
