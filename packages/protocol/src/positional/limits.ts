/** The first byte of arguments by position: no value of MessagePack begins with it. */
export const POSITIONAL_MARK = 0xc1;

/** The mark, and the hash of the shape of the arguments. */
export const HEADER_BYTES = 5;

/** Arrays, objects, maps and sets inside each other, that of the arguments included: as many as MessagePack may have. */
export const MAX_POSITIONAL_DEPTH = 64;

/** Values in one list of arguments, nested ones and the keys of objects included: as many as MessagePack may have. */
export const MAX_POSITIONAL_ITEMS = 1_000_000;

/** Bytes of one bigint in two's complement: as many as MessagePack may have. */
export const MAX_POSITIONAL_BIGINT_BYTES = 1_024;

/** Below it a number stands in one byte; the bytes from here on say what follows. */
export const FORM = { twoBytes: 0xf8, fourBytes: 0xf9, sixBytes: 0xfa, float: 0xfb } as const;

/** How an optional property is told from one that is there and `undefined`: a method can tell them apart. */
export const PRESENCE = { absent: 0, value: 1, undefined: 2 } as const;

/** Milliseconds from 1970 to the ends of what a Date can hold. */
export const MAX_DATE_MS = 8.64e15;

/** The one form of NaN: engines differ in which of its forms they write. */
export const NAN_BYTES = [0x7f, 0xf8, 0, 0, 0, 0, 0, 0] as const;
