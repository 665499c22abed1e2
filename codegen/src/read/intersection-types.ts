import type { Type } from 'ts-morph';
import type { TypeModel } from '../type-model.js';
import { readProperties } from './object-types.js';
import { type TypeContext, unsupported } from './type-context.js';

/**
 * Objects become one object; a primitive with an object is a brand, of which only the primitive exists at run
 * time.
 */
export function readIntersection(context: TypeContext, type: Type): TypeModel {
  const primitive = type.getIntersectionTypes().find((part) => !part.isObject());
  if (!primitive) return readProperties(context, type);
  const model = context.read(primitive, undefined);
  return model.kind === 'unsupported' ? unsupported(model.fault, type) : { kind: 'brand', primitive: model };
}
