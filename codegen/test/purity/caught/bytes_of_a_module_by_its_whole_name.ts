// expect: impure-random at line 9
import { cmd, StateMachine } from 'decoraft';
import * as crypto from 'crypto';

export class Random9 extends StateMachine {
  private salt = '';

  @cmd name(): void {
    this.salt = crypto.randomBytes(8).toString('hex');
  }
}
