import { unreachable } from '@decoraft/base';
import type { Definitions, TypeModel } from './type-model.js';

/**
 * What a type is called: in messages, as the name of a type in an operation table, and to bring the options of
 * a union into an order that does not depend on the compiler's.
 */
export function nameOfType(type: TypeModel, definitions: Definitions): string {
  const name = (inner: TypeModel): string => nameOfType(inner, definitions);
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'literal':
      return typeof type.value === 'bigint' ? `${type.value}n` : JSON.stringify(type.value);
    case 'template':
    case 'unsupported':
      return type.text;
    case 'array':
      return type.element.kind === 'union' ? `(${name(type.element)})[]` : `${name(type.element)}[]`;
    case 'tuple': {
      const rest = type.rest ? [`...${name(type.rest.type)}[]`] : [];
      return `[${[...type.elements.map((element) => name(element.type)), ...rest].join(', ')}]`;
    }
    case 'record':
      return `Record<string, ${name(type.value)}>`;
    case 'map':
      return `Map<${name(type.key)}, ${name(type.value)}>`;
    case 'set':
      return `Set<${name(type.element)}>`;
    case 'object':
      return `{ ${type.properties.map((property) => `${property.name}: ${name(property.type)}`).join('; ')} }`;
    case 'union':
      return type.options.map(name).join(' | ');
    case 'named': {
      const declared = definitions.get(type.definition)?.name ?? '';
      return type.typeArguments.length === 0
        ? declared
        : `${declared}<${type.typeArguments.map(name).join(', ')}>`;
    }
    case 'enum-member':
      return `${definitions.get(type.definition)?.name ?? ''}.${type.member}`;
    case 'unchecked':
      return type.type ? name(type.type) : 'unknown';
    case 'brand':
      return name(type.primitive);
    default:
      return unreachable(type);
  }
}
