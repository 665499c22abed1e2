import { cmd, derived, StateMachine } from 'decoraft';

export class FineOrder4 extends StateMachine {
  private items: number[] = [];
  @derived private total = 0;

  @cmd add(item: number): number {
    this.items.push(item);
    this.total += item;
    return this.total;
  }

  override restored(): void {
    this.total = this.items.reduce((left, right) => left + right, 0);
  }
}
