// expect: impure-order at line 12
import { cmd, derived, qry, StateMachine } from 'decoraft';

export class Order1 extends StateMachine {
  private items: Record<string, string> = {};
  private first = '';
  @derived private byOwner = new Map<string, string>();

  @cmd put(key: string, owner: string): void {
    this.items[key] = owner;
    this.byOwner.set(owner, key);
    for (const key of this.byOwner.keys()) {
      this.first = key;
      break;
    }
  }

  @qry get(): string {
    return this.first;
  }

  override restored(): void {
    for (const [key, owner] of Object.entries(this.items)) this.byOwner.set(owner, key);
  }
}
