import type { ParameterSchema, Schema } from './schema.js';

/** What goes to and fro: one value or a stream of them, in either direction. */
export type ServiceMethodKind = 'unary' | 'stream' | 'client-stream' | 'bidirectional-stream';

/** One method of a service. Arguments are positional on the wire; one that is a stream is none of them. */
export interface ServiceMethod {
  /** `stableHash(name)`. */
  readonly id: number;
  readonly name: string;
  readonly kind: ServiceMethodKind;
  /** Those that are no stream. */
  readonly parameters: readonly ParameterSchema[];
  /** What the arguments behind the last parameter must be, where there is a rest parameter. */
  readonly rest?: ParameterSchema;
  /** The parameter that is a stream, where the caller sends one. */
  readonly source?: SourceSchema;
  /** What the method returns; of a stream, each of its items. */
  readonly result: Schema;
}

/** A parameter whose argument comes item by item. */
export interface SourceSchema {
  readonly name: string;
  /** How many arguments stand before it in the call. */
  readonly at: number;
  readonly item: Schema;
}

/** Everything a server needs to check calls to one service class. Emitted by the generator. */
export interface ServiceTable {
  /** Raised when this shape itself changes. */
  readonly format: 1;
  /** The class's name. */
  readonly service: string;
  readonly methods: readonly ServiceMethod[];
  /** Named types, where a schema refers to them. */
  readonly types: Readonly<Record<string, Schema>>;
}
