import { cmd, StateMachine } from 'decoraft';

export class FineLocale21 extends StateMachine {
  private line = '';

  @cmd set(value: number, wide: bigint, names: string[], name?: string): void {
    this.line = `${value} ${wide} ${names} ${name} ${value > 3}` + value + String(wide);
    this.line += value.toFixed(2) + value.toString(36) + parseFloat('1.5') + Number('3');
  }
}
