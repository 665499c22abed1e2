// expect: impure-global at line 16
// expect: impure-global at line 17
import { cmd, StateMachine } from 'decoraft';

const lengths = new WeakMap<object, number>();

export class Global24 extends StateMachine {
  private size = 0;

  @cmd add(item: { name: string }): void {
    this.size += lengthOf(item);
  }
}

function lengthOf(item: { name: string }): number {
  const known = lengths.get(item) ?? item.name.length;
  lengths.set(item, known);
  return known;
}
