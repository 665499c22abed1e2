import { cmd, StateMachine } from 'decoraft';

interface Comparable {
  localeCompare(other: number): number;
}

export class FineLocale2 extends StateMachine {
  private value = 0;

  @cmd set(value: number): void {
    const comparable: Comparable = { localeCompare: (other) => value - other };
    this.value = comparable.localeCompare(this.value);
  }
}
