import { cmd, event, qry, StateMachine, sub } from 'decoraft';

export class Counter extends StateMachine {
  private value = 0;

  /** Whenever the counter has changed: its new value. */
  @sub onChanged = event<() => number>();

  /** Adds to the counter and returns the new value. */
  @cmd add(amount: number): number {
    this.value += amount;
    this.onChanged().notify(this.value);
    return this.value;
  }

  @qry current(): number {
    return this.value;
  }
}
