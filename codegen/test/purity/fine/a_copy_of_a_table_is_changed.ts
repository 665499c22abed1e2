import { cmd, StateMachine } from 'decoraft';

const DEFAULTS = { size: 1, names: ['a'] };

export class FineGlobal9 extends StateMachine {
  private sizes: number[] = [];

  @cmd add(size?: number): void {
    const options = { ...DEFAULTS };
    if (size !== undefined) options.size = size;
    const names = [...DEFAULTS.names];
    names.push('b');
    const copy = structuredClone(DEFAULTS);
    copy.names.sort();
    this.sizes.push(options.size + names.length + copy.names.length);
  }
}
