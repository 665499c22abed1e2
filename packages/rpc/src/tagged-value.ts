/**
 * What MessagePack has no type for travels as an array behind one extension. The class is private to this package
 * because msgpackr's extensions are global to its module: registering `Map` itself would change how every other
 * user of msgpackr in the process encodes maps.
 */
export class TaggedValue {
  /** The tag, then what it says. */
  readonly items: readonly unknown[];

  constructor(tag: ValueTag, items: readonly unknown[]) {
    this.items = [tag, ...items];
  }
}

/**
 * One character each: a map's keys and values in turn, a set's items, an object with a key `__proto__` as keys and
 * values in turn, and the number -0 (which msgpackr writes as 0).
 */
export const VALUE_TAGS = { map: 'm', set: 's', object: 'o', negativeZero: '0' } as const;

export type ValueTag = (typeof VALUE_TAGS)[keyof typeof VALUE_TAGS];

/** The extension type; not one of those that msgpackr knows by itself. */
export const TAGGED_VALUE_EXTENSION = 0x44;

/** The value that the scanner has found to be well tagged. */
export function untag(items: readonly unknown[]): unknown {
  switch (items[0]) {
    case VALUE_TAGS.map:
      return new Map(pairs(items));
    case VALUE_TAGS.set:
      return new Set(items.slice(1));
    case VALUE_TAGS.object:
      // Unlike assignment, fromEntries defines: `__proto__` becomes a key like any other.
      return Object.fromEntries(pairs(items).map(([key, item]) => [String(key), item]));
    default:
      return -0;
  }
}

function pairs(items: readonly unknown[]): (readonly [unknown, unknown])[] {
  const found: (readonly [unknown, unknown])[] = [];
  for (let at = 1; at < items.length; at += 2) found.push([items[at], items[at + 1]]);
  return found;
}
