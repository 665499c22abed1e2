import { cmd, StateMachine } from 'decoraft';
import type { PathLike } from 'node:fs';

export class FineIo3 extends StateMachine {
  private names: string[] = [];

  @cmd add(name: string): void {
    const path: PathLike = name;
    this.names.push(path);
  }
}
