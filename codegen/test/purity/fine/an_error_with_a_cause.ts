import { cmd, StateMachine } from 'decoraft';

export class FineCode20 extends StateMachine {
  private failures: string[] = [];

  @cmd run(text: string): void {
    try {
      if (text === '') throw new RangeError('empty', { cause: text });
    } catch (thrown) {
      const { message, name } = thrown as Error;
      this.failures.push(`${name}: ${message}`);
      throw new Error(`cannot run ${text}`, { cause: thrown });
    }
  }
}
