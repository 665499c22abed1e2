// expect: impure-global at line 14
import { cmd, StateMachine } from 'decoraft';

export let limit = 10;

export function setLimit(to: number): void {
  limit = to;
}

export class Global5 extends StateMachine {
  private items: string[] = [];

  @cmd add(item: string): void {
    if (this.items.length < limit) this.items.push(item);
  }
}
