// expect: impure-clock at line 14
import { cmd, StateMachine } from 'decoraft';

export class Clock23 extends StateMachine {
  private at = 0;

  @cmd touch(at?: number): void {
    outer: for (const known of [at]) {
      for (;;) {
        try {
          this.at = known === undefined ? this.context.time : known;
          continue outer;
        } catch {
          this.at = known ?? Date.now();
          break outer;
        }
      }
    }
  }
}
