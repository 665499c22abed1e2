// expect: impure-clock at line 2 of the_clock_through_a_door_of_modules.far.helper.ts
// expect: impure-clock at line 6 of the_clock_through_a_door_of_modules.far.helper.ts
import { cmd, StateMachine } from 'decoraft';
import * as doors from './the_clock_through_a_door_of_modules.helper.js';

export class Clock49 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = doors.clock.now() + doors.default(1);
  }
}
