import fc from 'fast-check';

/** Any value without others in it. */
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -0, NaN, Infinity, -Infinity, '', '\uFEFFmark'),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0xd7ff, max: 0xe000 }).map((unit) => String.fromCharCode(unit)) }),
);

const memory: fc.Arbitrary<object> = fc.oneof(
  fc.date(),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
  fc.int16Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigUint64Array(),
  fc.uint8ClampedArray(),
);

const key = fc.oneof(
  fc.constantFrom('a', 'b', '7', '1', '__proto__', 'constructor', 'toString', '\ud800'),
  fc.string(),
);

const KINDS = ['object', 'bare', 'array', 'map', 'set', 'memory'] as const;

/** What an object refers to: a leaf, or another object of the graph by a number. */
type Reference = { readonly leaf: unknown } | { readonly node: number };

const reference: fc.Arbitrary<Reference> = fc.oneof(fc.record({ leaf }), fc.record({ node: fc.nat(20) }));

const node = fc.record({
  kind: fc.constantFrom(...KINDS),
  memory,
  edges: fc.array(fc.record({ key, from: reference, to: reference }), { maxLength: 5 }),
  integrity: fc.constantFrom<(value: object) => object>(
    (value) => value,
    (value) => value,
    Object.freeze,
    Object.seal,
    Object.preventExtensions,
  ),
});

/** A value of every supported kind: objects refer to each other at random, to themselves as well. */
export const graph: fc.Arbitrary<unknown> = fc.array(node, { minLength: 1, maxLength: 12 }).map((nodes) => {
  const objects = nodes.map(({ kind, memory: bytes }) => create(kind, bytes));
  const resolve = (to: Reference): unknown => ('leaf' in to ? to.leaf : objects[to.node % objects.length]);
  for (const [at, { edges, integrity, kind }] of nodes.entries()) {
    const object = objects[at] ?? {};
    for (const edge of edges)
      connect(object, { key: edge.key, from: resolve(edge.from), to: resolve(edge.to) });
    if (kind === 'object' || kind === 'bare' || kind === 'array') integrity(object);
  }
  return objects[0];
});

function create(kind: (typeof KINDS)[number], bytes: object): object {
  switch (kind) {
    case 'object':
      return {};
    case 'bare':
      return Object.create(null) as object;
    case 'array':
      return [];
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    default:
      return bytes;
  }
}

function connect(owner: object, { from, key: name, to }: { from: unknown; key: string; to: unknown }): void {
  if (Array.isArray(owner)) owner.push(to);
  else if (owner instanceof Map) owner.set(from, to);
  else if (owner instanceof Set) owner.add(to);
  else if (!ArrayBuffer.isView(owner) && !(owner instanceof ArrayBuffer) && !(owner instanceof Date)) {
    Object.defineProperty(owner, name, { value: to, writable: true, enumerable: true, configurable: true });
  }
}

/**
 * Whether two values cannot be told apart: the same shape, order, kinds and integrity, and where one refers twice to
 * an object, the other does as well.
 */
export function isSameGraph(left: unknown, right: unknown): boolean {
  return isSame(left, right, new Map(), new Map());
}

type Pairs = Map<object, object>;

function isSame(left: unknown, right: unknown, rightOf: Pairs, leftOf: Pairs): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) {
    return Object.is(left, right);
  }
  if (rightOf.has(left) || leftOf.has(right))
    return rightOf.get(left) === right && leftOf.get(right) === left;
  rightOf.set(left, right);
  leftOf.set(right, left);
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (Object.isExtensible(left) !== Object.isExtensible(right)) return false;
  if (Object.isFrozen(left) !== Object.isFrozen(right) || Object.isSealed(left) !== Object.isSealed(right)) {
    return false;
  }
  const [ours, theirs] = [partsOf(left), partsOf(right)];
  return ours.length === theirs.length && ours.every((part, at) => isSame(part, theirs[at], rightOf, leftOf));
}

function partsOf(value: object): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  return Object.keys(value).flatMap((name) => [name, (value as Record<string, unknown>)[name]]);
}
