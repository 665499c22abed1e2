import { cmd, StateMachine } from 'decoraft';

export class FineRandom2 extends StateMachine {
  private dice: number[] = [];

  @cmd roll(count: number): void {
    const { random } = this.context;
    this.dice = Array.from({ length: count }, random);
    this.dice.sort(() => 0);
  }
}
