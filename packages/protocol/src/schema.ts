/**
 * The shape of a value that crosses the wire: what the generator reads from a type, as plain data. The server
 * checks arguments against it before anything reaches the log.
 */
export type Schema =
  | { readonly kind: 'void' | 'null' | 'boolean' | 'number' | 'bigint' | 'string' | 'date' | 'bytes' }
  /** Marked by the user as unchecked. Still only what the wire can carry. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | bigint }
  | { readonly kind: 'array'; readonly element: Schema }
  | { readonly kind: 'tuple'; readonly elements: readonly TupleElement[]; readonly rest?: Schema }
  | { readonly kind: 'record'; readonly value: Schema }
  | { readonly kind: 'map'; readonly key: Schema; readonly value: Schema }
  | { readonly kind: 'set'; readonly element: Schema }
  | { readonly kind: 'object'; readonly properties: readonly PropertySchema[] }
  | { readonly kind: 'union'; readonly options: readonly Schema[] }
  /** A named type in the table's `types`: how a recursive type ends. */
  | { readonly kind: 'reference'; readonly name: string };

export interface TupleElement {
  readonly schema: Schema;
  readonly optional: boolean;
}

export interface PropertySchema {
  readonly name: string;
  readonly schema: Schema;
  readonly optional: boolean;
}

export interface ParameterSchema {
  readonly name: string;
  readonly schema: Schema;
  readonly optional: boolean;
}

export type OperationKind = 'cmd' | 'qry' | 'sub';

/** One method or event of a machine. Arguments are positional on the wire. */
export interface Operation {
  /** `stableHash` of the name that it had first: in logs for ever. */
  readonly id: number;
  readonly name: string;
  readonly kind: OperationKind;
  /** Only there for what stands in old logs: nobody calls it any more. */
  readonly retired?: true;
  readonly parameters: readonly ParameterSchema[];
  /** What the arguments behind the last parameter must be, where there is a rest parameter. */
  readonly rest?: ParameterSchema;
  /** What a command or query returns, or the value of an event. */
  readonly result: Schema;
}

/** Everything a server needs to check calls to one machine class. Emitted by the generator. */
export interface OperationTable {
  /** Raised when this shape itself changes. */
  readonly format: 1;
  /** The class's name. */
  readonly machine: string;
  /** What its state means: a positive integer, 1 where none is given. */
  readonly version?: number;
  readonly operations: readonly Operation[];
  /** Named types, where a schema refers to them. */
  readonly types: Readonly<Record<string, Schema>>;
}
