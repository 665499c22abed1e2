// expect: impure-random at line 8
import { cmd, StateMachine } from 'decoraft';

export class Random7 extends StateMachine {
  private id = '';

  @cmd name(): string {
    this.id = crypto.randomUUID();
    return this.id;
  }
}
