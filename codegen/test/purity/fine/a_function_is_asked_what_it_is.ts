import { cmd, StateMachine } from 'decoraft';

export class FineCode22 extends StateMachine {
  private size = 0;

  @cmd run(names: string[]): void {
    const make: unknown = (name: string) => name.length;
    if (typeof make === 'function' && make instanceof Function) this.size = make.length + names.length;
  }
}
