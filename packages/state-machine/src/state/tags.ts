/**
 * One byte before every value of a machine's state; part of what is on disk, so never renumbered.
 *
 * A container's tag stands where the container was met first; its contents follow later, in the order in which the
 * containers were met. So neither side recurses, and a list of a million links costs no stack.
 */
export const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  /** Text in UTF-8. */
  text: 6,
  /** Text with a lone surrogate, which has no UTF-8 form: its UTF-16 units. */
  units: 7,
  /** An object that was met before, by its number. */
  reference: 8,
  date: 9,
  /** An ArrayBuffer, or a typed array with the bytes that it shows. */
  memory: 10,
  object: 11,
  array: 12,
  map: 13,
  set: 14,
  /** A key of a plain object that was met before, by its number. */
  knownKey: 15,
  /** In place of a state: the chunks of a machine that streams follow, each a length and a state of its own. */
  stream: 16,
} as const;

/** What may still be changed of an object; a frozen one must throw on every replica, or on none. */
export const INTEGRITY = { extensible: 0, closed: 1, sealed: 2, frozen: 3 } as const;

/** Added to the integrity of a plain object without a prototype. */
export const NO_PROTOTYPE = 4;

export type MemoryClass =
  | ArrayBufferConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor
  | Uint8ClampedArrayConstructor
  | Int16ArrayConstructor
  | Uint16ArrayConstructor
  | Int32ArrayConstructor
  | Uint32ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | BigInt64ArrayConstructor
  | BigUint64ArrayConstructor;

/** By their codes; new ones are added at the end. */
export const MEMORY_CLASSES: readonly MemoryClass[] = [
  ArrayBuffer,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];
