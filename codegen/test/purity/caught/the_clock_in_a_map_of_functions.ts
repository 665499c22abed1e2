// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

const ACTIONS = new Map<string, () => number>([
  ['stop', () => 0],
  ['start', () => Date.now()],
]);

export class Clock45 extends StateMachine {
  private at = 0;

  @cmd act(name: string): void {
    this.at = ACTIONS.get(name)?.() ?? 0;
  }
}
