import { cmd, StateMachine } from 'decoraft';

const FACTORS: ReadonlyMap<string, number> = new Map([['kg', 1_000]]);
const UNITS = new Set(['kg', 'g']);

export class FineGlobal2 extends StateMachine {
  private grams = 0;

  @cmd add(amount: number, unit: string): void {
    if (!UNITS.has(unit)) throw new Error('no unit');
    this.grams += amount * (FACTORS.get(unit) ?? 1);
  }
}
