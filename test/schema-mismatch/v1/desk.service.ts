import { rpc, RpcService } from 'decoraft';

/** A service in version 1. */
export class Desk extends RpcService {
  @rpc greet(name: string): string {
    return `hello ${name}`;
  }

  @rpc size(text: string): number {
    return text.length;
  }

  @rpc async *count(to: number): AsyncGenerator<number> {
    for (let at = 1; at <= to; at++) yield at;
  }

  @rpc async *letters(text: string): AsyncGenerator<string> {
    yield* text;
  }

  @rpc async sum(values: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const value of values) sum += value;
    return sum;
  }
}
