// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random5 extends StateMachine {
  private cards: number[] = [1, 2, 3];

  @cmd shuffle(): void {
    this.cards.sort(() => Math.random() - 0.5);
  }
}
