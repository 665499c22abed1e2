// expect: impure-clock at line 12
import { cmd, type SessionId, StateMachine } from 'decoraft';

export class Clock30 extends StateMachine {
  private at = 0;

  @cmd touch(): number {
    return this.at;
  }

  override sessionEnded(session: SessionId): void {
    this.at = Date.now() + session;
  }
}
