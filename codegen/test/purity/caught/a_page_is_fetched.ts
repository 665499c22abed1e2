// expect: impure-io at line 10
// expect: impure-await at line 10
import { cmd, StateMachine } from 'decoraft';

export class Io5 extends StateMachine {
  private calls = 0;

  @cmd load(url: string): void {
    this.calls++;
    void fetch(url);
  }
}
