import { unreachable } from '@decoraft/base';
import type { ParameterSchema, PropertySchema, Schema } from '@decoraft/protocol';
import type { LockedOperation } from './lock.js';

/** Words of the grammar, which no type of the user's may take. */
export const WORDS: ReadonlySet<string> = new Set([
  'void',
  'undefined',
  'null',
  'boolean',
  'number',
  'bigint',
  'string',
  'unknown',
  'never',
  'true',
  'false',
  'Date',
  'Uint8Array',
  'Map',
  'Set',
  'Record',
  'AsyncIterable',
  'Infinity',
  'NaN',
]);

/** `set(key: string, value?: Value): void`. What `readSignature` reads. */
export function signatureText(
  operation: Pick<LockedOperation, 'name' | 'parameters' | 'rest' | 'source' | 'result'>,
): string {
  const { name, parameters, rest, result, source } = operation;
  const texts = parameters.map(memberText);
  if (source) texts.splice(source.at, 0, `${nameText(source.name)}: AsyncIterable<${typeText(source.item)}>`);
  if (rest) texts.push(`...${nameText(rest.name)}${rest.optional ? '?' : ''}: ${typeText(rest.schema)}`);
  return `${nameText(name)}(${texts.join(', ')}): ${result.kind === 'void' ? 'void' : typeText(result)}`;
}

/** A type in words like those of TypeScript, on one line. What `readType` reads. */
export function typeText(schema: Schema): string {
  switch (schema.kind) {
    case 'date':
      return 'Date';
    case 'bytes':
      return 'Uint8Array';
    case 'literal':
      return literalText(schema.value);
    case 'array':
      return `${elementText(schema.element)}[]`;
    case 'tuple': {
      const elements = schema.elements.map(
        (element) => elementText(element.schema) + (element.optional ? '?' : ''),
      );
      const rest = schema.rest ? [`...${elementText(schema.rest)}[]`] : [];
      return `[${[...elements, ...rest].join(', ')}]`;
    }
    case 'record':
      return `Record<string, ${typeText(schema.value)}>`;
    case 'map':
      return `Map<${typeText(schema.key)}, ${typeText(schema.value)}>`;
    case 'set':
      return `Set<${typeText(schema.element)}>`;
    case 'object':
      return schema.properties.length === 0 ? '{}' : `{ ${schema.properties.map(memberText).join('; ')} }`;
    case 'union':
      return schema.options.length === 0 ? 'never' : schema.options.map(elementText).join(' | ');
    case 'reference':
      return isPlainName(schema.name) && !WORDS.has(schema.name) ? schema.name : quoted(schema.name, '`');
    case 'void':
      return 'undefined';
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

function memberText({ name, optional, schema }: PropertySchema | ParameterSchema): string {
  return `${nameText(name)}${optional ? '?' : ''}: ${typeText(schema)}`;
}

function elementText(schema: Schema): string {
  const text = typeText(schema);
  return schema.kind === 'union' && schema.options.length > 1 ? `(${text})` : text;
}

function literalText(value: string | number | boolean | bigint): string {
  if (typeof value === 'string') return quoted(value, "'");
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

function nameText(name: string): string {
  return isPlainName(name) ? name : quoted(name, "'");
}

const isPlainName = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);

function quoted(text: string, mark: "'" | '`'): string {
  const body = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  return `${mark}${body.replaceAll(mark, `\\${mark}`)}${mark}`;
}
