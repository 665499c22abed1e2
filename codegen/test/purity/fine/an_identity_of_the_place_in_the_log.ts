import { cmd, StateMachine } from 'decoraft';

export class FineRandom6 extends StateMachine {
  private orders = new Map<string, number>();

  @cmd open(): string {
    const id = `order-${this.context.time}-${this.orders.size}`;
    this.orders.set(id, this.context.time);
    return id;
  }
}
