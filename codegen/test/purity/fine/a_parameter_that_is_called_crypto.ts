import { cmd, StateMachine } from 'decoraft';

export class FineRandom7 extends StateMachine {
  private held = 0;

  @cmd buy(crypto: { amount: number; randomUUID: string }): string {
    this.held += crypto.amount;
    return crypto.randomUUID;
  }
}
