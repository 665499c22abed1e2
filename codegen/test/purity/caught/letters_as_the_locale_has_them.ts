// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale4 extends StateMachine {
  private names = new Map<string, string>();

  @cmd set(name: string): void {
    this.names.set(name['toLocaleLowerCase'](), name);
  }
}
