import type { Type, TypeNode } from 'ts-morph';
import type { Library } from './library-types.js';
import { argumentNodes, writtenAs } from './written-type.js';

/** A type, and where it is written, if it is. */
interface Written {
  readonly type: Type;
  readonly node: TypeNode | undefined;
}

const PROMISES: ReadonlySet<string> = new Set(['Promise', 'PromiseLike']);

/** What `for await` goes through, and what an `async *` method returns. */
const STREAMS: ReadonlySet<string> = new Set([
  'AsyncIterable',
  'AsyncIterableIterator',
  'AsyncIteratorObject',
  'AsyncGenerator',
]);

/** What comes of waiting: `Item` of `Promise<Item>`, anything else as it is. */
export function awaitedOf(written: Written, library: Library): Written {
  return argumentOf(written, PROMISES, library) ?? written;
}

/** `Item` of `AsyncIterable<Item>` and its kin; `undefined` for what is no stream. */
export function itemsOf(written: Written, library: Library): Written | undefined {
  return argumentOf(written, STREAMS, library);
}

function argumentOf(
  { type, node }: Written,
  names: ReadonlySet<string>,
  library: Library,
): Written | undefined {
  const symbol = type.getSymbol();
  if (!symbol || !names.has(symbol.getName()) || !library.has(symbol)) return undefined;
  const [argument] = type.getTypeArguments();
  if (!argument) return undefined;
  const written = writtenAs(node, type);
  return { type: argument, node: written && argumentNodes(written)[0] };
}
