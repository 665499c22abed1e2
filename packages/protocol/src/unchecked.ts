/**
 * Marks what the generator shall let pass without a schema: `@cmd put(key: string, document: Unchecked): void`. To the
 * compiler it is what it stands for. A server checks nothing of such a value: it may be whatever the wire carries, and
 * once it is in the log every replica has to live with it.
 *
 * It is recognised where it is written, not through a type parameter that it is given for.
 *
 * @typeParam Shown What clients are told the type is.
 */
export type Unchecked<Shown = unknown> = Shown;
