import { cmd, StateMachine } from 'decoraft';

export enum Color {
  red = 'red',
  green = 'green',
}

export class FineGlobal5 extends StateMachine {
  private color = Color.red;

  @cmd toggle(): void {
    this.color = this.color === Color.red ? Color.green : Color.red;
  }
}
