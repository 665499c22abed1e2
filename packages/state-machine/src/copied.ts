/** Data whose parts no type may look into. */
type Whole =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBuffer
  | ArrayBufferView;

/** What becomes of arguments that are copied: the copy is the receiver's to change, whatever the original allowed. */
export type Copied<Given> = unknown extends Given
  ? Given
  : Given extends Whole
    ? Given
    : { -readonly [Key in keyof Given]: Copied<Given[Key]> };
