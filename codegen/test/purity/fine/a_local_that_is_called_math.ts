import { cmd, StateMachine } from 'decoraft';

export class FineRandom5 extends StateMachine {
  private grade = 0;

  @cmd examine(points: number): void {
    const Math = { random: points, sin: (by: number) => by * 2, pow: [points] };
    this.grade = Math.random + Math.sin(3) + Math.pow.length;
  }
}
