// expect: impure-environment at line 8
import { cmd, StateMachine } from 'decoraft';

export class Environment5 extends StateMachine {
  private place = '';

  @cmd load(): void {
    this.place = import.meta.url;
  }
}
