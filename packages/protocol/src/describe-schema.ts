import { unreachable } from '@decoraft/base';
import type { Operation, OperationKind, ParameterSchema, PropertySchema, Schema } from './schema.js';
import type { ServiceMethodKind, SourceSchema } from './service-table.js';

interface Described extends Pick<Operation, 'name' | 'parameters' | 'rest' | 'result'> {
  readonly kind?: OperationKind | ServiceMethodKind;
  readonly source?: SourceSchema;
}

/**
 * What a person reads of an operation: `set(key: string, value: string): string | undefined`. Types go by their names,
 * streams by `AsyncIterable`.
 */
export function describeOperation({ kind, name, parameters, rest, result, source }: Described): string {
  const described = parameters.map(describeMember);
  if (rest) described.push(`...${rest.name}: ${elementText(rest.schema)}[]`);
  if (source) described.splice(source.at, 0, `${source.name}: AsyncIterable<${describeSchema(source.item)}>`);
  const text = result.kind === 'void' ? 'void' : describeSchema(result);
  const isStream = kind === 'stream' || kind === 'bidirectional-stream';
  return `${name}(${described.join(', ')}): ${isStream ? `AsyncIterable<${text}>` : text}`;
}

/** A type as it is written in TypeScript. Types go by their names. */
export function describeSchema(schema: Schema): string {
  switch (schema.kind) {
    case 'void':
      return 'undefined';
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'literal':
      return literalText(schema.value);
    case 'array':
      return `${elementText(schema.element)}[]`;
    case 'tuple': {
      const elements = schema.elements.map((element) =>
        element.optional ? `${elementText(element.schema)}?` : describeSchema(element.schema),
      );
      if (schema.rest) elements.push(`...${elementText(schema.rest)}[]`);
      return `[${elements.join(', ')}]`;
    }
    case 'record':
      return `Record<string, ${describeSchema(schema.value)}>`;
    case 'map':
      return `Map<${describeSchema(schema.key)}, ${describeSchema(schema.value)}>`;
    case 'set':
      return `Set<${describeSchema(schema.element)}>`;
    case 'object':
      return schema.properties.length === 0
        ? '{}'
        : `{ ${schema.properties.map(describeMember).join('; ')} }`;
    case 'union':
      return schema.options.length === 0 ? 'never' : schema.options.map(describeSchema).join(' | ');
    case 'reference':
      return schema.name;
    case 'null':
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
    case 'unknown':
      return schema.kind;
    default:
      return unreachable(schema);
  }
}

function describeMember({ name, optional, schema }: PropertySchema | ParameterSchema): string {
  return `${nameText(name)}${optional ? '?' : ''}: ${describeSchema(schema)}`;
}

function elementText(schema: Schema): string {
  const text = describeSchema(schema);
  return schema.kind === 'union' && schema.options.length > 1 ? `(${text})` : text;
}

function nameText(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

function literalText(value: string | number | boolean | bigint): string {
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

const DESCRIBED_OPTIONS = 6;

/** What a value must be, in a sentence: `a number`, `"red" or "blue"`. */
export function expectationOf(schema: Schema): string {
  switch (schema.kind) {
    case 'literal':
      return literalText(schema.value);
    case 'union': {
      if (schema.options.length === 0) return 'nothing';
      // Objects that differ in what is in them are called by the same words.
      const options: readonly string[] = [...new Set(schema.options.map((option) => expectationOf(option)))];
      const described = options.slice(0, DESCRIBED_OPTIONS).join(' or ');
      return described + (options.length > DESCRIBED_OPTIONS ? ' or …' : '');
    }
    case 'reference':
      return schema.name;
    case 'void':
      return 'undefined';
    case 'date':
      return 'a Date';
    case 'bytes':
      return 'a Uint8Array';
    case 'map':
      return 'a Map';
    case 'set':
      return 'a Set';
    case 'record':
    case 'object':
      return 'an object';
    case 'array':
    case 'tuple':
      return 'an array';
    case 'null':
      return 'null';
    case 'unknown':
      return 'anything';
    default:
      return `a ${schema.kind}`;
  }
}
