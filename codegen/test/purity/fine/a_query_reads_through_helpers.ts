import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery3 extends StateMachine {
  private readonly items = new Map<string, { tags: string[] }>();

  private get size(): number {
    return this.items.size;
  }

  @cmd put(key: string): void {
    this.items.set(key, { tags: [] });
  }

  @qry describe(key: string): string {
    return `${this.size} ${this.found(key)?.tags.join() ?? ''} ${lengths(this.items).length}`;
  }

  private found(key: string): { tags: string[] } | undefined {
    return this.items.get(key);
  }
}

function lengths(items: ReadonlyMap<string, { tags: string[] }>): number[] {
  const all: number[] = [];
  items.forEach(({ tags }) => all.push(tags.length));
  return all;
}
