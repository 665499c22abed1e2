// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale23 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    const compare = String.prototype.localeCompare;
    this.names = [...this.names, name].toSorted((left, right) => compare.call(left, right));
  }
}
