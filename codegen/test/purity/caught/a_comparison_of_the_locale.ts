// expect: impure-locale at line 9
import { cmd, StateMachine } from 'decoraft';

export class Locale1 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    this.names.push(name);
    this.names.sort((left, right) => left.localeCompare(right));
  }
}
