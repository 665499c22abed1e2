import { cmd, StateMachine } from 'decoraft';

export class FineOrder1 extends StateMachine {
  private readonly entries = new Map<string, number>();
  private readonly tags = new Set<string>();
  private line = '';

  @cmd put(key: string, value: number): void {
    this.entries.set(key, value);
    this.tags.add(key);
    for (const [name, each] of this.entries) this.line += name + each;
    this.tags.forEach((tag) => (this.line += tag));
    this.line += [...this.entries.keys()][0] ?? '';
  }
}
