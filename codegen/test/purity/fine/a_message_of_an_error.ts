import { cmd, StateMachine } from 'decoraft';

export class FineCode1 extends StateMachine {
  private failure = '';

  @cmd run(text: string): void {
    try {
      this.failure = JSON.stringify(JSON.parse(text) as unknown);
    } catch (thrown) {
      this.failure = thrown instanceof Error ? thrown.name : String(thrown);
    }
  }
}
