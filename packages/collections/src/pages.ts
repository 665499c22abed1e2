import { DecoraftError } from 'decoraft';

/** How much of a collection is asked for at once. */
export interface PageOptions {
  /** Only keys that begin like this; all by default. */
  readonly prefix?: string;
  /** Only keys behind this one: `next` of the page before. From the first by default. */
  readonly after?: string;
  /** At most so many, 1 to 1,000; 100 by default. Where values are large, fewer: a page is one answer. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1_000;

/** @throws DecoraftError `InvalidArgument` */
export function limitOf({ limit = DEFAULT_LIMIT }: Pick<PageOptions, 'limit'>): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= GREATEST_LIMIT) return limit;
  throw new DecoraftError('InvalidArgument', `a page has 1 to ${GREATEST_LIMIT} elements, not ${limit}`);
}

/** The keys of a page, and one more where there is a next page. */
export function keysOfPage(
  sorted: { from(key: string): Iterable<string> },
  options: PageOptions,
): readonly string[] {
  const { after, prefix = '' } = options;
  const wanted = limitOf(options) + 1;
  const begin = after !== undefined && after > prefix ? after : prefix;
  const keys: string[] = [];
  for (const key of sorted.from(begin)) {
    // Keys that begin alike stand together.
    if (keys.length === wanted || !key.startsWith(prefix)) break;
    if (after === undefined || key > after) keys.push(key);
  }
  return keys;
}
