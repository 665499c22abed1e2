import { ts } from 'ts-morph';
import type { ImpurityKind } from '../../model.js';
import type { GlobalPath } from './global-paths.js';
import type { Symbols } from './symbols.js';

/** `**`, whose last bits are the engine's, and `+` that makes a text of what has none of its own. */
export function impurityOfOperator(node: ts.Node, symbols: Symbols): ImpurityKind | undefined {
  if (!ts.isBinaryExpression(node)) return undefined;
  const { left, operatorToken, right } = node;
  switch (operatorToken.kind) {
    case ts.SyntaxKind.AsteriskAsteriskToken:
    case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      return isExact(left, right, symbols) ? undefined : 'float';
    case ts.SyntaxKind.PlusToken:
    case ts.SyntaxKind.PlusEqualsToken:
      // What is added to something else is a number, as a rule: to ask for its type is dear.
      return isText(left) || isText(right) ? (textOf(left, symbols) ?? textOf(right, symbols)) : undefined;
    default:
      return undefined;
  }
}

/** `${date}` and `String(date)`: the text is that of the node's time zone. */
export function impurityOfText(node: ts.Node, symbols: Symbols): ImpurityKind | undefined {
  if (ts.isTemplateSpan(node)) return textOf(node.expression, symbols);
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const [first] = node.arguments;
  return node.expression.text === 'String' && first ? textOf(first, symbols) : undefined;
}

/** `Math.pow(2, 10)` */
export function isExactPower({ names }: GlobalPath, call: ts.CallExpression, symbols: Symbols): boolean {
  const [base, exponent] = call.arguments;
  return names.join('.') === 'Math.pow' && base && exponent ? isExact(base, exponent, symbols) : false;
}

function textOf(node: ts.Expression, symbols: Symbols): ImpurityKind | undefined {
  if (ts.isLiteralExpression(node) || ts.isTemplateExpression(node)) return undefined;
  const type = symbols.typeOf(node);
  if ((type.flags & ts.TypeFlags.Object) === 0) return undefined;
  if (type.getCallSignatures().length > 0) return 'code';
  const symbol = type.getSymbol();
  return symbol?.name === 'Date' && symbols.isOfLibrary(symbol) ? 'locale' : undefined;
}

/** Whether it is seen to be a text: `'on ' + date`. */
function isText(node: ts.Expression): boolean {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  return ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right));
}

/** Whole numbers that are written out, and bigints. */
function isExact(base: ts.Expression, exponent: ts.Expression, symbols: Symbols): boolean {
  const isBig = (symbols.typeOf(base).flags & ts.TypeFlags.BigIntLike) !== 0;
  return isBig || (isWholeLiteral(base, symbols) && isWholeLiteral(exponent, symbols));
}

function isWholeLiteral(node: ts.Expression, symbols: Symbols): boolean {
  const type = symbols.checker.getTypeAtLocation(node);
  return type.isNumberLiteral() && Number.isSafeInteger(type.value) && type.value >= 0;
}
