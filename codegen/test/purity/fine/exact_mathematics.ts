import { cmd, StateMachine } from 'decoraft';

const { floor, max } = Math;

export class FineFloat1 extends StateMachine {
  private total = 0;

  @cmd add(value: number): void {
    this.total = floor(Math.sqrt(value)) + max(1, Math.min(2, value)) + Math.imul(value, 3);
    this.total += Math.abs(value) + Math.ceil(value) + Math.round(value) + Math.trunc(value);
    this.total += Math.sign(value) + Math.clz32(value) + Math.fround(value) + Math.PI;
  }
}
