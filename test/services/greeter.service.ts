import { CodedError } from '@decoraft/base';
import { DecoraftError, rpc, RpcService } from 'decoraft';

/** A person, for what is checked. */
export interface Person {
  readonly name: string;
  readonly born?: Date;
  readonly tags: ReadonlySet<string>;
}

/** All that a service can do, for the tests. */
export class Greeter extends RpcService {
  /** What each stream has done, for the tests to see. */
  readonly seen: string[] = [];
  readonly #greeting: string;

  constructor(greeting = 'hello') {
    super();
    this.#greeting = greeting;
  }

  /** Greets by name. */
  @rpc greet(name: string): string {
    return `${this.#greeting} ${name}`;
  }

  @rpc async greetPerson(person: Person, loudly = false): Promise<Person & { greeting: string }> {
    await Promise.resolve();
    const greeting = this.greet(person.name);
    return { ...person, greeting: loudly ? greeting.toUpperCase() : greeting };
  }

  /** Counts from 1. */
  @rpc async *count(to: number): AsyncGenerator<number> {
    try {
      for (let n = 1; n <= to; n++) yield n;
      this.seen.push(`counted to ${to}`);
    } finally {
      this.seen.push('count ended');
    }
  }

  /** Waits until the caller goes, and says so. */
  @rpc async *wait(): AsyncGenerator<string> {
    const { signal } = this.context;
    yield 'waiting';
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    this.seen.push('waited');
  }

  @rpc bytes(length: number): Uint8Array {
    return new Uint8Array(length);
  }

  @rpc size(bytes: Uint8Array): number {
    return bytes.length;
  }

  /** What the handler knows of its caller, at once and behind everything that it awaits. */
  @rpc async whoAsks(): Promise<(string | undefined)[]> {
    const before = this.context.metadata['user'];
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [before, this.context.metadata['user']];
  }

  @rpc async remaining(): Promise<number | undefined> {
    await Promise.resolve();
    return this.context.remainingMs;
  }

  @rpc fail(how: 'coded' | 'own code' | 'secret' | 'unsendable'): string {
    if (how === 'coded') throw new DecoraftError('NotFound', 'nobody of that name', { data: { tried: 2 } });
    if (how === 'own code') throw new CodedError('TooLate', 'it is');
    if (how === 'secret') throw new Error('the password is 1234');
    return (() => 'a function') as unknown as string;
  }

  @rpc async *failLater(after: number): AsyncGenerator<number> {
    for (let n = 1; n <= after; n++) yield n;
    throw new DecoraftError('NotFound', `nothing behind ${after}`);
  }

  @rpc async sum(values: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const value of values) sum += value;
    return sum;
  }

  /** Takes as many as it was told to, and leaves the rest. */
  @rpc async take(count: number, values: AsyncIterable<string>, ...suffixes: string[]): Promise<string[]> {
    const taken: string[] = [];
    if (count === 0) return taken;
    for await (const value of values) {
      if (taken.push(value + suffixes.join('')) === count) break;
    }
    return taken;
  }

  @rpc async *echo(values: AsyncIterable<string>, prefix = ''): AsyncIterable<string> {
    for await (const value of values) yield prefix + value;
  }

  @rpc async *tenants(values: AsyncIterable<number>): AsyncGenerator<string | undefined> {
    for await (const value of values) yield `${value} ${this.context.metadata['user']}`;
  }
}
