// expect: impure-await at line 8
import { cmd, qry, StateMachine } from 'decoraft';

export class Await2 extends StateMachine {
  private value = 0;

  @cmd set(value: number): void {
    void this.later(value);
  }

  private async later(value: number): Promise<void> {
    this.value = value;
  }

  @qry get(): number {
    return this.value;
  }
}
