// expect: impure-environment at line 8
import { cmd, StateMachine } from 'decoraft';

export class Environment1 extends StateMachine {
  private region = '';

  @cmd load(): void {
    this.region = process.env['REGION'] ?? '';
  }
}
