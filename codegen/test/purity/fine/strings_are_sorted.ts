import { cmd, StateMachine } from 'decoraft';

export class FineOrder5 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    this.names.push(name);
    this.names.sort();
    this.names = this.names
      .toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0))
      .toReversed();
  }
}
