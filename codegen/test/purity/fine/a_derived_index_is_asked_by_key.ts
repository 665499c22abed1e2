import { cmd, derived, StateMachine } from 'decoraft';

export class FineOrder3 extends StateMachine {
  private items: Record<string, string> = {};
  @derived private readonly byOwner = new Map<string, string>();

  @cmd put(key: string, owner: string): boolean {
    if (this.byOwner.has(owner)) return false;
    this.items[key] = owner;
    this.byOwner.set(owner, key);
    return this.byOwner.size > 0 && this.byOwner.get(owner) === key;
  }

  override restored(): void {
    this.byOwner.clear();
    for (const [key, owner] of Object.entries(this.items)) this.byOwner.set(owner, key);
  }
}
