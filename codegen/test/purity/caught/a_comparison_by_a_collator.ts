// expect: impure-locale at line 4
import { cmd, StateMachine } from 'decoraft';

const collator = new Intl.Collator();

export class Locale2 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    this.names = [...this.names, name].toSorted(collator.compare);
  }
}
