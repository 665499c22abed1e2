/** A primitive that the compiler keeps apart from all others of its shape: a term is not an index. */
export type Brand<Value, Name extends string> = Value & { readonly __brand: Name };
