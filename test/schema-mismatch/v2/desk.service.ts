import { rpc, RpcService } from 'decoraft';

/** A service in version 2. */
export class Desk extends RpcService {
  @rpc greet(name: string, title?: string): string {
    return `hello ${title ?? 'dear'} ${name}`;
  }

  @rpc size(text: string): bigint {
    return BigInt(text.length);
  }

  @rpc async *count(to: number, from = 1): AsyncGenerator<number> {
    for (let at = from; at <= to; at++) yield at;
  }

  @rpc async *letters(text: string): AsyncGenerator<{ letter: string }> {
    for (const letter of text) yield { letter };
  }

  @rpc async sum(values: AsyncIterable<number | bigint>): Promise<number> {
    let sum = 0;
    for await (const value of values) sum += Number(value);
    return sum;
  }
}
