import { cmd, StateMachine } from 'decoraft';

export class FineLocale22 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    const compare = (left: string, right: string): number => Number(left > right) - Number(left < right);
    this.names = [...this.names, name].toSorted(compare);
    this.names.sort((left, right) => compare(left, right) || left.length - right.length);
  }
}
