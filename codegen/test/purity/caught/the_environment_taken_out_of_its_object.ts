// expect: impure-environment at line 10
import { cmd, qry, StateMachine } from 'decoraft';

const { env } = process;

export class Environment2 extends StateMachine {
  private isFast = false;

  @cmd load(): void {
    if (env['FAST'] === '1') this.isFast = true;
  }

  @qry fast(): boolean {
    return this.isFast;
  }
}
