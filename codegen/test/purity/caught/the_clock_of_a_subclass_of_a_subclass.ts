// expect: impure-clock at line 7 of the_clock_of_a_subclass_of_a_subclass.helper.ts
import { cmd, StateMachine } from 'decoraft';
import { Base } from './the_clock_of_a_subclass_of_a_subclass.helper.js';

export class Clock55 extends Base {
  @cmd touch(): void {
    this.mark('a');
  }
}
