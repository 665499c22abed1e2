/**
 * Whether two values are alike in type, content and order. Written out, because vitest reads a key `constructor` as
 * a class and Node 20 holds that two invalid dates differ.
 *
 * @param order `'in any order'` for the keys of objects.
 */
export function isSameValue(left: unknown, right: unknown, order?: 'in any order'): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return Object.is(left, right);
  }
  if (Object.prototype.toString.call(left) !== Object.prototype.toString.call(right)) return false;
  const leftParts = partsOf(left, order);
  const rightParts = partsOf(right, order);
  return (
    leftParts.length === rightParts.length &&
    leftParts.every((part, index) => isSameValue(part, rightParts[index], order))
  );
}

function partsOf(value: object, order: 'in any order' | undefined): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set || value instanceof Uint8Array || Array.isArray(value)) return [...value];
  const keys = order ? Object.keys(value).toSorted() : Object.keys(value);
  return keys.flatMap((key) => [key, (value as Readonly<Record<string, unknown>>)[key]]);
}
