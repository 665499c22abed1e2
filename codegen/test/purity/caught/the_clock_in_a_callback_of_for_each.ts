// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';

export class Clock21 extends StateMachine {
  private readonly seen = new Map<string, number>();

  @cmd touch(keys: string[]): void {
    keys.forEach((key) => {
      this.seen.set(key, Date.now());
    });
  }
}
