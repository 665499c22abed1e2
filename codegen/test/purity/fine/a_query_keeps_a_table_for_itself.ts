import { cmd, qry, StateMachine } from 'decoraft';

export class FineQuery21 extends StateMachine {
  private readonly items = new Map<string, { readonly group: string }>();

  @cmd put(key: string, group: string): void {
    this.items.set(key, { group });
  }

  @qry groups(): ReadonlyMap<string, readonly string[]> {
    const groups = new Map<string, string[]>();
    for (const [key, { group }] of this.items) {
      const list = groups.get(group) ?? [];
      list.push(key);
      groups.set(group, list);
    }
    const sorted = [...groups.entries()].sort(([left], [right]) => (left < right ? -1 : 1));
    return new Map(sorted);
  }
}
