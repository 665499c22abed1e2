import { cmd, StateMachine } from 'decoraft';

const DEFAULTS = { size: 1, names: ['b', 'a'] };
const WEIGHTS = new Map([['a', 1]]);

export class FineGlobal22 extends StateMachine {
  private size = 0;

  @cmd add(): void {
    const options = Object.assign({}, DEFAULTS, { size: 3 });
    options.size += 1;
    const weights = new Map(WEIGHTS);
    weights.set('b', 2);
    const names = DEFAULTS.names.toSorted();
    names.pop();
    bump(options);
    this.size = options.size + weights.size + names.length + [...DEFAULTS.names].reverse().length;
  }
}

function bump(options: { size: number }): void {
  options.size += 1;
}
