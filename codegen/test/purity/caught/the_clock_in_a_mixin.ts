// expect: impure-clock at line 11
import { cmd, StateMachine } from 'decoraft';

type Constructor = abstract new (...args: any[]) => StateMachine;

function Stamped<Parent extends Constructor>(Base: Parent) {
  abstract class Stamping extends Base {
    stampedAt = 0;

    stamp(): void {
      this.stampedAt = Date.now();
    }
  }
  return Stamping;
}

export class Clock56 extends Stamped(StateMachine) {
  @cmd touch(): void {
    this.stamp();
  }
}
