/**
 * What the collections hold: all that machines can be sent. Plain objects, arrays, Maps and Sets may be nested to 60
 * levels; instances of classes, functions and symbols are no data. A property that is `undefined` is as good as absent.
 *
 * A collection checks this much of what it is given, before anything is logged. That a value is of the type which a
 * client names, as in `new ValueClient<Settings>(…)`, the compiler checks and nobody else: a client of an older build
 * may have put something else there.
 */
export type Data =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly Data[]
  | { readonly [name: string]: Data | undefined }
  | ReadonlyMap<Data, Data>
  | ReadonlySet<Data>;
