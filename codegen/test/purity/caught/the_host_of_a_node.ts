// expect: impure-environment at line 9
import { cmd, StateMachine } from 'decoraft';
import { hostname } from 'node:os';

export class Environment4 extends StateMachine {
  private owner = '';

  @cmd load(): void {
    const owner = { name: hostname() };
    this.owner = owner.name;
  }
}
