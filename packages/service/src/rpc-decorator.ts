import { type BareOrCalled, memberDecorator, type MethodTag } from '@decoraft/state-machine';

/** Options of `@rpc`; there are none, the form is for those who like to write the parentheses. */
export type RpcOptions = Readonly<Record<string, never>>;

/**
 * A method of a service that clients call. It runs on the one node that is asked, each time it is asked, and may wait,
 * read clocks and disks, and call others.
 *
 * What it returns, or the promise that it returns gives, is the caller's result. An `AsyncIterable` that it returns is a
 * stream: the next item is asked for when the caller has room for it. An `AsyncIterable` among its parameters, at most
 * one, is a stream of the caller's. What it throws reaches the caller with its code, words and data where it is a
 * `DecoraftError`, or another error with a code; any other is logged here, and `Internal` there.
 *
 * @example
 * ```ts
 * @rpc greet(name: string): string { return `hello ${name}`; }
 * ```
 */
export const rpc: BareOrCalled<MethodTag, RpcOptions> = memberDecorator<MethodTag, RpcOptions>('rpc');
