// expect: impure-io at line 4 of a_file_by_the_default_import_of_a_helper_file.helper.ts
import { cmd, StateMachine } from 'decoraft';
import { exists } from './a_file_by_the_default_import_of_a_helper_file.helper.js';

export class Io3 extends StateMachine {
  private found = false;

  @cmd look(path: string): boolean {
    this.found = exists(path);
    return this.found;
  }
}
