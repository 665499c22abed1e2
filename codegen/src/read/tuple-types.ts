import { ts, type Type, type TypeNode } from 'ts-morph';
import type { TupleElementModel, TypeModel } from '../type-model.js';
import { readOptional } from './object-types.js';
import { type TypeContext, unsupported } from './type-context.js';
import { elementNode, tupleElementNodes } from './written-type.js';

/** Reads a tuple; one with elements behind its rest has no positions that a server could check. */
export function readTuple(context: TypeContext, type: Type, written: TypeNode | undefined): TypeModel {
  const target = type.getTargetType()?.compilerType as ts.TupleType | undefined;
  if (!target) return unsupported('unresolved', type);
  const types = type.getTypeArguments();
  const nodes = tupleElementNodes(written);
  const elements: TupleElementModel[] = [];
  for (const [position, flags] of target.elementFlags.entries()) {
    const element = types[position];
    if (!element) break;
    const label = labelOf(target, position);
    const node = nodes[position];
    if ((flags & ts.ElementFlags.Variable) !== 0) {
      if (position < target.elementFlags.length - 1) return unsupported('tuple-rest', type);
      const rest = { type: context.read(element, elementNode(node)), label };
      return { kind: 'tuple', elements, rest, isReadonly: target.readonly };
    }
    const isOptional = (flags & ts.ElementFlags.Optional) !== 0;
    const model = isOptional ? readOptional(context, element, node) : context.read(element, node);
    elements.push({ type: model, isOptional, label });
  }
  return { kind: 'tuple', elements, isReadonly: target.readonly };
}

function labelOf(target: ts.TupleType, position: number): string | undefined {
  return target.labeledElementDeclarations?.[position]?.name.getText();
}
