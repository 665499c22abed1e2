/** Why a type cannot cross the wire, or cannot be read. */
export type TypeFault =
  | 'any'
  | 'unknown'
  | 'never'
  | 'unresolved'
  | 'function'
  | 'symbol'
  | 'class'
  | 'promise'
  | 'library'
  | 'type-parameter'
  | 'empty-object'
  | 'mixed-index'
  | 'tuple-rest'
  | 'too-deep';

export type PrimitiveName = 'string' | 'number' | 'boolean' | 'bigint' | 'null' | 'undefined' | 'void';

/**
 * A type as plain data: enough to write it again as text, and to derive what a server checks. Nothing in it
 * belongs to the compiler.
 */
export type TypeModel =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'date' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | bigint }
  /** A pattern of strings; the server checks that it is a string. */
  | { readonly kind: 'template'; readonly text: string }
  | { readonly kind: 'array'; readonly element: TypeModel; readonly isReadonly: boolean }
  | {
      readonly kind: 'tuple';
      readonly elements: readonly TupleElementModel[];
      readonly rest?: TupleRestModel;
      readonly isReadonly: boolean;
    }
  | { readonly kind: 'record'; readonly value: TypeModel }
  | { readonly kind: 'map'; readonly key: TypeModel; readonly value: TypeModel; readonly isReadonly: boolean }
  | { readonly kind: 'set'; readonly element: TypeModel; readonly isReadonly: boolean }
  | { readonly kind: 'object'; readonly properties: readonly PropertyModel[] }
  | { readonly kind: 'union'; readonly options: readonly TypeModel[] }
  /** A type that has a name: `definition` is its key among the machine's definitions. */
  | { readonly kind: 'named'; readonly definition: string; readonly typeArguments: readonly TypeModel[] }
  /** One member of an enum, which TypeScript does not take for its bare value. */
  | {
      readonly kind: 'enum-member';
      readonly definition: string;
      readonly member: string;
      readonly value: string | number;
    }
  /** `string & { … }`: what only the compiler tells apart from its primitive. */
  | { readonly kind: 'brand'; readonly primitive: TypeModel }
  /** Marked by the user as unchecked; without a type where nothing is known of it. */
  | { readonly kind: 'unchecked'; readonly type: TypeModel | undefined }
  /** What cannot be carried; `text` is how the compiler calls it. */
  | { readonly kind: 'unsupported'; readonly fault: TypeFault; readonly text: string };

export interface TupleElementModel {
  readonly type: TypeModel;
  readonly isOptional: boolean;
  readonly label: string | undefined;
}

export interface TupleRestModel {
  readonly type: TypeModel;
  readonly label: string | undefined;
}

export interface PropertyModel {
  readonly name: string;
  readonly type: TypeModel;
  readonly isOptional: boolean;
  readonly isReadonly: boolean;
}

/** Where a name can be imported from. */
export type Origin =
  /** A module of the user's project: an absolute path. */
  | { readonly kind: 'file'; readonly path: string; readonly exportedName: string }
  /** A specifier that is kept as the user wrote it. */
  | { readonly kind: 'package'; readonly specifier: string; readonly exportedName: string }
  /** Declared for all files; needs no import. */
  | { readonly kind: 'global' }
  | { readonly kind: 'not-exported' };

/** What a name stands for. A name with type arguments has one definition for each list of them. */
export interface Definition {
  /** As declared, without type arguments. */
  readonly name: string;
  readonly origin: Origin;
  readonly isEnum: boolean;
  readonly structure: TypeModel;
}

export type Definitions = ReadonlyMap<string, Definition>;

/** The type of a parameter that may be left out or passed as `undefined`. */
export const UNDEFINED: TypeModel = { kind: 'primitive', name: 'undefined' };
