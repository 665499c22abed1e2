import { ts } from 'ts-morph';
import type { ImpurityKind } from '../../model.js';
import type { GlobalPath } from './global-paths.js';
import type { Symbols } from './symbols.js';

/** With a zone, and dates alone, which are those of Greenwich. */
const WITH_ZONE = /^[+-]?\d{4,6}(?:-\d\d(?:-\d\d)?)?$|(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/;

/** `Date()` and `Date.parse(…)`; `none` for what is the same everywhere. */
export function impurityOfDateCall(
  { module, names }: GlobalPath,
  call: ts.CallExpression,
  symbols: Symbols,
): ImpurityKind | 'none' | undefined {
  const [text] = call.arguments;
  const isReflected = names.join('.') === 'Reflect.construct' && text?.getText() === 'Date';
  if (isReflected) return 'clock';
  if (module !== undefined || names[0] !== 'Date') return undefined;
  if (names.length === 1) return 'clock';
  if (names[1] !== 'parse' || !text) return undefined;
  return isZoned(text, symbols) ? 'none' : 'locale';
}

/** `new Date()`, and `new Date(…)` of what is read in the node's time zone. */
export function impurityOfConstruction(
  { module, names }: GlobalPath,
  { arguments: given = [] }: { readonly arguments?: readonly ts.Expression[] },
  symbols: Symbols,
): ImpurityKind | undefined {
  if (module !== undefined || names.length !== 1 || names[0] !== 'Date') return undefined;
  const [first] = given;
  if (!first) return 'clock';
  if (given.length > 1) return 'locale';
  if (ts.isSpreadElement(first)) return 'clock';
  const isText = (symbols.typeOf(first).flags & ts.TypeFlags.StringLike) !== 0;
  return isText && !isZoned(first, symbols) ? 'locale' : undefined;
}

function isZoned(text: ts.Expression, symbols: Symbols): boolean {
  const type = symbols.checker.getTypeAtLocation(text);
  if (type.isStringLiteral()) return WITH_ZONE.test(type.value);
  // `${day}T00:00:00Z`
  if (ts.isTemplateExpression(text)) return WITH_ZONE.test(text.templateSpans.at(-1)?.literal.text ?? '');
  const isJoined = ts.isBinaryExpression(text) && ts.isStringLiteralLike(text.right);
  if (isJoined) return WITH_ZONE.test((text.right as ts.StringLiteral).text);
  // What `toISOString` and `toJSON` give says its zone.
  return ts.isCallExpression(text) && /\.to(?:ISOString|JSON)$/.test(text.expression.getText());
}
