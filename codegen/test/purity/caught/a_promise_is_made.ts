// expect: impure-await at line 17
import { cmd, qry, StateMachine } from 'decoraft';

export class Await4 extends StateMachine {
  private done = false;

  @cmd start(): void {
    wait(() => (this.done = true));
  }

  @qry isDone(): boolean {
    return this.done;
  }
}

function wait(run: () => void): void {
  new Promise<void>((resolve) => {
    run();
    resolve();
  }).catch(run);
}
