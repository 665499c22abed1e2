import { ts } from 'ts-morph';
import type { Symbols } from './symbols.js';
import { functionOf, unwrap } from './syntax.js';

/** `list.sort((a, b) => a > b)`: what comes of a comparator that contradicts itself is left to the engine. */
export function isUnstableSort(
  { arguments: given, expression }: ts.CallExpression,
  symbols: Symbols,
): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const name = expression.name.text;
  const [first] = given;
  if (!first || (name !== 'sort' && name !== 'toSorted')) return false;
  const comparator = comparatorOf(first, symbols);
  const results = comparator ? resultsOf(comparator) : [];
  return results.length > 0 && isInconsistent(results, symbols);
}

function comparatorOf(written: ts.Expression, symbols: Symbols): ts.FunctionLikeDeclaration | undefined {
  const node = unwrap(written);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node;
  const declaration = ts.isIdentifier(node) ? symbols.of(node)?.valueDeclaration : undefined;
  return declaration && symbols.isUsers(declaration) ? functionOf(declaration) : undefined;
}

/** Every expression that may be the result. */
function resultsOf({ body }: ts.FunctionLikeDeclaration): readonly ts.Expression[] {
  if (!body) return [];
  if (!ts.isBlock(body)) return branchesOf(body);
  const results: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression) results.push(...branchesOf(node.expression));
    ts.forEachChild(node, visit);
  };
  visit(body);
  return results;
}

function branchesOf(written: ts.Expression): readonly ts.Expression[] {
  const node = unwrap(written) as ts.Expression;
  if (!ts.isConditionalExpression(node)) return [node];
  return [...branchesOf(node.whenTrue), ...branchesOf(node.whenFalse)];
}

/** Yes or no where there are three answers, and one answer for all. */
function isInconsistent(results: readonly ts.Expression[], symbols: Symbols): boolean {
  const isTruth = results.every((result) => {
    const given =
      ts.isCallExpression(result) && result.expression.getText() === 'Number' ? result.arguments[0] : result;
    return given !== undefined && (symbols.typeOf(given).flags & ts.TypeFlags.BooleanLike) !== 0;
  });
  if (isTruth) return true;
  const texts = new Set(results.map((result) => result.getText()));
  const isWritten = [...texts].every((text) => /^-?\d+$/.test(text));
  if (!isWritten) return false;
  const signs = new Set([...texts].map((text) => Math.sign(Number(text))));
  return !signs.has(0) ? signs.size === 1 : signs.size === 2;
}
