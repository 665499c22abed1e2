import type { CallContext } from '@decoraft/rpc';
import { writeResult } from './arguments.js';
import { withinCall } from './current-call.js';
import type { Procedure } from './methods.js';

/**
 * The items of a stream as bytes. The body of a generator runs in whoever asks for its next item: each time it is
 * asked within the call, so that it finds its context.
 *
 * @param items What the handler gave: an async iterable, or a promise of one.
 */
export function itemsOf(
  procedure: Procedure,
  items: unknown,
  context: CallContext,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const { service } = procedure;
      const opened = Promise.resolve(items).then((iterable) => iteratorOf(procedure, iterable));
      return {
        async next() {
          const iterator = await opened;
          const result = await withinCall(service, context, () => iterator.next());
          if (result.done) return { done: true, value: undefined };
          return { done: false, value: writeResult(procedure, result.value) };
        },
        async return() {
          const iterator = await opened;
          await withinCall(service, context, () => iterator.return?.());
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function iteratorOf({ where }: Procedure, iterable: unknown): AsyncIterator<unknown> {
  const open: unknown = Object(iterable)[Symbol.asyncIterator];
  if (typeof open !== 'function') throw new TypeError(`${where} returned no AsyncIterable`);
  return Reflect.apply(open, iterable, []) as AsyncIterator<unknown>;
}
