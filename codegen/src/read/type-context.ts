import { type Symbol as TypeScriptSymbol, ts, type Type, type TypeNode } from 'ts-morph';
import type { Definitions, TypeFault, TypeModel } from '../type-model.js';
import type { Library } from './library-types.js';
import type { TypeName } from './names.js';

/** What the reader of one kind of type needs to read the types within it. */
export interface TypeContext {
  readonly library: Library;
  readonly definitions: Definitions;
  /** @param node Where the type is written, if it is; ignored where it says something else than `type`. */
  read(type: Type, node: TypeNode | undefined): TypeModel;
  /** @param type What the name stands for. */
  readNamed(name: TypeName, type: Type, written?: TypeNode): TypeModel;
  /** The type of a member as the machine sees it: with the type arguments that it gave to its base class. */
  typeOf(symbol: TypeScriptSymbol): Type;
}

export function unsupported(fault: TypeFault, type: Type): TypeModel {
  return { kind: 'unsupported', fault, text: type.getText(undefined, ts.TypeFormatFlags.None) };
}
