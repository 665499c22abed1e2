// expect: impure-global at line 16
import { cmd, StateMachine } from 'decoraft';

const cache = new Map<string, number>();

export class Global3 extends StateMachine {
  private total = 0;

  @cmd add(item: string): void {
    this.total += item.length;
    remember(item, this.total);
  }
}

function remember(item: string, total: number): void {
  cache.set(item, total);
}
