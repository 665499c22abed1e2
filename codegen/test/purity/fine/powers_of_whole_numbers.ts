import { cmd, StateMachine } from 'decoraft';

const MASK = 2 ** 32 - 1;

export class FineFloat2 extends StateMachine {
  private value = 0;
  private wide = 0n;

  @cmd set(value: number, places: bigint): void {
    this.value = (value % 2 ** 10) & MASK;
    this.wide = 10n ** places;
  }
}
