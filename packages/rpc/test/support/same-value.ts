/**
 * Whether two values are alike in type, content and order. Written out, because vitest reads a key `constructor` as
 * a class and Node 20 holds that two invalid dates differ.
 */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return Object.is(left, right);
  }
  if (Object.prototype.toString.call(left) !== Object.prototype.toString.call(right)) return false;
  const leftParts = partsOf(left);
  const rightParts = partsOf(right);
  return (
    leftParts.length === rightParts.length &&
    leftParts.every((part, index) => isSameValue(part, rightParts[index]))
  );
}

function partsOf(value: object): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set || value instanceof Uint8Array || Array.isArray(value)) return [...value];
  return Object.entries(value).flat(1);
}
