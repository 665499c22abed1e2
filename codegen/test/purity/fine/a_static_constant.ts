import { cmd, StateMachine } from 'decoraft';

export class FineGlobal4 extends StateMachine {
  static readonly limit = 10;
  private static readonly names: readonly string[] = ['a', 'b'];
  private items: string[] = [];

  @cmd add(item: string): boolean {
    if (this.items.length >= FineGlobal4.limit || !FineGlobal4.names.includes(item)) return false;
    this.items.push(item);
    return true;
  }
}
