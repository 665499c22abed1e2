import { cmd, StateMachine } from 'decoraft';

export class FineEnvironment2 extends StateMachine {
  private done = 0;

  @cmd run(items: string[]): void {
    for (const item of items) this.process(item);
  }

  private process(item: string): void {
    this.done += item.length;
  }
}
