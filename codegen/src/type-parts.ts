import { unreachable } from '@decoraft/base';
import type { Definitions, TypeModel } from './type-model.js';

/** A type within a type, and the words that lead to it: `.tags`, `[]`. */
export interface TypePart {
  readonly type: TypeModel;
  readonly step: string;
}

/** The types that a type is written with, names not followed. */
export function partsOf(type: TypeModel): readonly TypePart[] {
  switch (type.kind) {
    case 'array':
    case 'set':
      return [{ type: type.element, step: '[]' }];
    case 'tuple': {
      const rest = type.rest ? [{ type: type.rest.type, step: '[]' }] : [];
      return [...type.elements.map((element, at) => ({ type: element.type, step: `[${at}]` })), ...rest];
    }
    case 'record':
      return [{ type: type.value, step: '[key]' }];
    case 'map':
      return [
        { type: type.key, step: ' (key)' },
        { type: type.value, step: ' (value)' },
      ];
    case 'object':
      return type.properties.map((property) => ({ type: property.type, step: `.${property.name}` }));
    case 'union':
      return type.options.map((option) => ({ type: option, step: '' }));
    case 'named':
      return type.typeArguments.map((argument) => ({ type: argument, step: ' (type argument)' }));
    case 'unchecked':
      return type.type ? [{ type: type.type, step: '' }] : [];
    case 'primitive':
    case 'date':
    case 'bytes':
    case 'literal':
    case 'template':
    case 'enum-member':
    case 'brand':
    case 'unsupported':
      return [];
    default:
      return unreachable(type);
  }
}

/** Whether what a name stands for leads back to the name. */
export function isRecursive(definition: string, definitions: Definitions): boolean {
  const found = new Set<string>();
  const follow = (key: string): void => {
    const structure = definitions.get(key)?.structure;
    for (const next of structure ? namesIn(structure) : []) {
      if (found.has(next)) continue;
      found.add(next);
      follow(next);
    }
  };
  follow(definition);
  return found.has(definition);
}

function namesIn(type: TypeModel): readonly string[] {
  if (type.kind === 'enum-member') return [type.definition];
  const within = partsOf(type).flatMap((part) => namesIn(part.type));
  return type.kind === 'named' ? [type.definition, ...within] : within;
}
