import { cmd, event, qry, StateMachine, sub } from 'decoraft';

export interface Wish {
  readonly item: string;
  readonly lifetime: number;
}

/** What the class of the same name in `v1` became. */
export class Shop extends StateMachine {
  private calls = 0;

  @sub onSold = event<() => { amount: string }>();
  @sub onNamed = event<() => { name: string; by: string }>();

  @cmd same(item: string): number {
    this.onSold().notify({ amount: String(item.length) });
    this.onNamed().notify({ name: item, by: 'v2' });
    return ++this.calls;
  }

  @cmd addedOptional(item: string, note?: string): number {
    return this.same(note ?? item);
  }

  @cmd addedRequired(item: string, amount: number): number {
    return this.same(item.repeat(amount));
  }

  @cmd renamedProperty(wish: Wish): number {
    return this.same(wish.item);
  }

  @cmd widened(): 'low' | 'middle' | 'high' {
    this.calls++;
    return 'middle';
  }

  @cmd narrowed(): string {
    this.calls++;
    return 'always';
  }

  @qry count(): number {
    return this.calls;
  }

  @qry find(item: string, at?: number): string {
    return `${item} at ${at ?? 'any'}`;
  }

  @qry price(item: string): bigint {
    return BigInt(item.length);
  }
}
