import { cmd, StateMachine } from 'decoraft';

export class FineLocale5 extends StateMachine {
  private names: string[] = [];

  @cmd add(Intl: string): void {
    this.names.push(Intl.slice(0, 3));
  }
}
