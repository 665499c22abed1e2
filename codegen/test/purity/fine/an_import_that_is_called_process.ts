import { cmd, StateMachine } from 'decoraft';
import { process, fetch } from './an_import_that_is_called_process.helper.js';

export class FineEnvironment20 extends StateMachine {
  private done = '';

  @cmd run(name: string): void {
    this.done = process.env(name) + fetch(name);
  }
}
