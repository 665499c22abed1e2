import { cmd, StateMachine } from 'decoraft';

let step = 2;
var factor = 3;

export class FineGlobal11 extends StateMachine {
  private total = 0;

  @cmd add(): void {
    this.total += step * factor;
  }
}
