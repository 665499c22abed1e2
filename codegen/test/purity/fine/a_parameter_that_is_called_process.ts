import { cmd, StateMachine } from 'decoraft';

export class FineEnvironment1 extends StateMachine {
  private running: string[] = [];

  @cmd start(process: { env: Record<string, string>; pid: number }): void {
    this.running.push(`${process.pid} ${process.env['NAME']}`);
  }
}
