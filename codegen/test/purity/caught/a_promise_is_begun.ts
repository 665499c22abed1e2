// expect: impure-await at line 8
import { cmd, qry, StateMachine } from 'decoraft';

export class Await1 extends StateMachine {
  private value = 0;

  @cmd set(value: number): void {
    void Promise.resolve(value).then((next) => {
      this.value = next;
    });
  }

  @qry get(): number {
    return this.value;
  }
}
