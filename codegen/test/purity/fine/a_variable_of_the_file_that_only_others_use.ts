import { cmd, StateMachine } from 'decoraft';

let connections = 0;

export const connected = (): number => ++connections;

export class FineGlobal10 extends StateMachine {
  private total = 0;

  @cmd add(connections: number): void {
    this.total += connections;
  }
}
