import { cmd, StateMachine } from 'decoraft';

interface Performance {
  now(): number;
}

export class FineClock7 extends StateMachine {
  private best = 0;

  @cmd rate(points: number): void {
    this.best = best({ now: () => points });
  }
}

function best(performance: Performance): number {
  return performance.now();
}
