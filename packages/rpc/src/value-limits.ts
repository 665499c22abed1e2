/** Arrays, objects, maps and sets inside each other. */
export const MAX_VALUE_DEPTH = 64;

/** Values in one message, nested ones and the keys of objects included. */
export const MAX_VALUE_ITEMS = 1_000_000;

/** Bytes of one bigint in two's complement: some 2,460 decimal digits. Larger ones cost more to read than to send. */
export const MAX_BIGINT_BYTES = 1_024;
