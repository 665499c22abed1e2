import { cmd, event, qry, StateMachine, sub } from 'decoraft';

export interface Wish {
  readonly item: string;
  readonly ttl?: number;
}

/** A machine as it was: the class of the same name in `v2` is what it became. Each command counts. */
export class Shop extends StateMachine {
  private calls = 0;

  @sub onSold = event<() => { amount: number }>();
  @sub onNamed = event<() => { name: string }>();

  @cmd same(item: string): number {
    this.onSold().notify({ amount: item.length });
    this.onNamed().notify({ name: item });
    return ++this.calls;
  }

  @cmd addedOptional(item: string): number {
    return this.same(item);
  }

  @cmd addedRequired(item: string): number {
    return this.same(item);
  }

  @cmd removed(): number {
    return ++this.calls;
  }

  @cmd renamedProperty(wish: Wish): number {
    return this.same(wish.item);
  }

  @cmd widened(): 'low' | 'high' {
    this.calls++;
    return 'low';
  }

  @cmd narrowed(): string | undefined {
    this.calls++;
    return undefined;
  }

  @qry count(): number {
    return this.calls;
  }

  @qry find(item: string): string | undefined {
    return item;
  }

  @qry price(item: string): number {
    return item.length;
  }
}
