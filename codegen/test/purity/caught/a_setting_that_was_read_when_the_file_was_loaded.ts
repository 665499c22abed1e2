// expect: impure-environment at line 4
import { cmd, StateMachine } from 'decoraft';

const LIMIT = Number(process.env['LIMIT'] ?? 10);

export class Environment6 extends StateMachine {
  private items: string[] = [];

  @cmd add(item: string): boolean {
    if (this.items.length >= LIMIT) return false;
    this.items.push(item);
    return true;
  }
}
