import { cmd, StateMachine } from 'decoraft';

export class FineTimer3 extends StateMachine {
  private timeouts: Record<string, number> = {};

  @cmd set(name: string, timeoutMs: number): void {
    setTimeout(this.timeouts, name, timeoutMs);
  }
}

function setTimeout(timeouts: Record<string, number>, name: string, timeoutMs: number): void {
  timeouts[name] = timeoutMs;
}
