import { cmd, StateMachine } from 'decoraft';

const PRICES = Object.freeze({ small: 1, large: 2 });
const SIZES = ['small', 'large'] as const;

export class FineGlobal1 extends StateMachine {
  private total = 0;

  @cmd buy(size: 'small' | 'large'): number {
    if (SIZES.includes(size)) this.total += PRICES[size];
    return this.total;
  }
}
