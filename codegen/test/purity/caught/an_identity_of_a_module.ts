// expect: impure-random at line 9
import { cmd, StateMachine } from 'decoraft';
import { randomUUID as identity } from 'node:crypto';

export class Random8 extends StateMachine {
  private id = '';

  @cmd name(): void {
    this.id = identity();
  }
}
