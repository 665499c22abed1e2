// expect: impure-clock at line 3 of the_wall_clock_two_files_away.far.helper.ts
import { cmd, StateMachine } from 'decoraft';
import { near } from './the_wall_clock_two_files_away.helper.js';

export class Clock3 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = near();
  }
}
