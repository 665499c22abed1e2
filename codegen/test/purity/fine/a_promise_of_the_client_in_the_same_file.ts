import { cmd, StateMachine } from 'decoraft';

export class FineAwait1 extends StateMachine {
  private value = 0;

  @cmd set(value: number): void {
    this.value = value;
  }

  override async restore(state: AsyncIterable<number>): Promise<void> {
    for await (const value of state) this.value = value;
  }

  override async *snapshot(): AsyncGenerator<number> {
    yield this.value;
  }
}

export async function main(set: (value: number) => Promise<void>): Promise<void> {
  await Promise.all([set(1), set(2)]);
}
