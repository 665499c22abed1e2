import type { ClassDeclaration, ParameterDeclaration, PropertyDeclaration } from 'ts-morph';
import { UNDEFINED, type TypeModel } from '../type-model.js';
import { unionOf } from '../union-model.js';
import type { TypeContext } from './type-context.js';

/** What a field may hold, as the machine sees it: with the type arguments that it gave to its base class. */
export function readFieldType(
  node: PropertyDeclaration | ParameterDeclaration,
  name: string,
  machine: ClassDeclaration,
  types: TypeContext,
): TypeModel {
  const symbol = machine.getType().getProperty(name);
  const type = types.read(symbol ? types.typeOf(symbol) : node.getType(), node.getTypeNode());
  return node.hasQuestionToken() ? unionOf([type, UNDEFINED]) : type;
}
