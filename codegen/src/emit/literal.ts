import { brokenGroup, group, ifBroken, indent, join, type Layout, line, softLine } from './layout.js';

/** A string as source text, in single quotes unless double ones need fewer escapes. */
export function quote(text: string): string {
  if (/^[\w .-]*$/.test(text)) return `'${text}'`;
  const singles = text.split("'").length;
  const doubles = text.split('"').length;
  const mark = singles > doubles ? '"' : "'";
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  // Line separators are legal in strings, but editors take them for ends of lines.
  const body = escaped.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`);
  return `${mark}${body.replaceAll(mark, `\\${mark}`)}${mark}`;
}

/** A property's name as source text, quoted where it has to be. */
export function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) ? name : quote(name);
}

/** Plain data as source text. Properties that are `undefined` are left out. */
export function emitLiteral(value: unknown, style: 'compact' | 'expanded' = 'compact'): Layout {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return emitArray(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const properties = Object.entries(value).filter(([, element]) => element !== undefined);
  if (properties.length === 0) return '{}';
  const items = properties.map(([key, element]) => emitProperty(key, element));
  const build = style === 'expanded' ? brokenGroup : group;
  return build('{', indent(line, join([',', line], items)), ifBroken(','), line, '}');
}

function emitProperty(key: string, value: unknown): Layout {
  const name = `${propertyName(key)}:`;
  // A string that is too long goes below its name.
  if (typeof value === 'string') return group(name, indent(line, quote(value)));
  return [name, ' ', emitLiteral(value)];
}

/** Several objects of several properties stand below each other even where they would fit on a line. */
function emitArray(values: readonly unknown[]): Layout {
  if (values.length === 0) return '[]';
  const isTable = values.length > 1 && values.every(isLarge);
  const build = isTable ? brokenGroup : group;
  const items = values.map((value) => emitLiteral(value));
  return build('[', indent(softLine, join([',', line], items)), ifBroken(','), softLine, ']');
}

function isLarge(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).length > 1;
}
