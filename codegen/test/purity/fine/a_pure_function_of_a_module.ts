import { cmd, StateMachine } from 'decoraft';
import { basename, posix } from 'node:path';

export class FineIo4 extends StateMachine {
  private names: string[] = [];

  @cmd add(path: string): void {
    this.names.push(basename(path), posix.join('a', path));
  }
}
