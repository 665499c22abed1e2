import { cmd, StateMachine } from 'decoraft';

export class FineGlobal21 extends StateMachine {
  static readonly #limit = 3;
  static readonly names = new Map([['a', 1]]);
  private size = 0;

  @cmd add(): boolean {
    if (this.size >= FineGlobal21.#limit) return false;
    this.size += FineGlobal21.names.get('a') ?? 0;
    return true;
  }
}
