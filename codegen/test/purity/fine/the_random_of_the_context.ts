import { cmd, StateMachine } from 'decoraft';

export class FineRandom1 extends StateMachine {
  private dice = 0;

  @cmd roll(): void {
    this.dice = Math.floor(this.context.random() * 6);
  }
}
