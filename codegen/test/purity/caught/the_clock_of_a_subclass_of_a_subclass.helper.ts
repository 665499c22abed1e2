import { StateMachine } from 'decoraft';

abstract class Root extends StateMachine {
  protected marks: Record<string, number> = {};

  protected mark(name: string): void {
    this.marks[name] = Date.now();
  }
}

export abstract class Base extends Root {}
