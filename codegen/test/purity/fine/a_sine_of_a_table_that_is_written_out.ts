import { cmd, StateMachine } from 'decoraft';

const SINES = [0, 0.5, 1];

export class FineFloat4 extends StateMachine {
  private height = 0;

  @cmd move(at: number): void {
    this.height = (SINES[at] ?? 0) * 10 + Number((0.1 + 0.2).toFixed(2));
  }
}
