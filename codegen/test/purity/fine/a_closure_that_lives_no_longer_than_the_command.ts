import { cmd, StateMachine } from 'decoraft';

const counter = (): (() => number) => {
  let last = 0;
  return () => ++last;
};

export class FineGlobal7 extends StateMachine {
  private ids: number[] = [];

  @cmd take(count: number): void {
    const next = counter();
    this.ids = Array.from({ length: count }, next);
  }
}
