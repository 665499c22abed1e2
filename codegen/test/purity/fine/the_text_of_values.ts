import { cmd, StateMachine } from 'decoraft';

export class FineCode4 extends StateMachine {
  private line = '';

  @cmd set(value: number, flag: boolean, wide: bigint): void {
    this.line = value.toString() + flag.toString() + wide.toString(16) + String(value) + [1, 2].toString();
  }
}
