// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

const ACTIONS = {
  stop: () => 0,
  start: () => Date.now(),
};

export class Clock29 extends StateMachine {
  private at = 0;

  @cmd act(action: 'stop' | 'start'): void {
    this.at = ACTIONS[action]();
  }
}
