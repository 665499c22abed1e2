import type { Operation, ParameterSchema, Schema, SourceSchema } from '@decoraft/protocol';

/** A machine or service that is registered on a node. */
export type Reflected = ReflectedService | ReflectedMachine;

export interface ReflectedService {
  readonly kind: 'service';
  readonly name: string;
  /** Under which it is called. */
  readonly id: number;
  /** Of a service whose class was generated for; other services say nothing of what they take. */
  readonly className?: string;
  readonly methods: readonly ReflectedMethod[];
  /** Named types, where a schema refers to them. */
  readonly types: Readonly<Record<string, Schema>>;
}

export interface ReflectedMethod {
  readonly name: string;
  readonly id: number;
  readonly kind: 'unary' | 'stream' | 'client-stream' | 'bidirectional-stream' | 'one-way';
  /** Of a class that was generated for. */
  readonly signature?: ReflectedSignature;
}

export interface ReflectedSignature {
  readonly parameters: readonly ParameterSchema[];
  readonly rest?: ParameterSchema;
  /** The parameter that is a stream. */
  readonly source?: SourceSchema;
  /** What it gives; of a stream, each item. */
  readonly result: Schema;
}

export interface ReflectedMachine {
  readonly kind: 'machine';
  readonly name: string;
  /** Under which logs and calls know it. */
  readonly id: number;
  /** The name of the Raft group that hosts it. */
  readonly group: string;
  readonly className: string;
  readonly operations: readonly Operation[];
  readonly types: Readonly<Record<string, Schema>>;
}

/** What there is, in short. */
export interface ReflectedName {
  readonly kind: 'service' | 'machine';
  readonly name: string;
  readonly id: number;
  /** Of a machine: the name of the Raft group that hosts it. */
  readonly group?: string;
  /** The names of methods, operations and events. */
  readonly members: readonly string[];
}
