import { ts } from 'ts-morph';
import { isMemberOf, isTransparent, nameOf } from './syntax.js';
import type { Symbols } from './symbols.js';

const COLLECTIONS: ReadonlySet<string | undefined> = new Set(['Map', 'Set', 'ReadonlyMap', 'ReadonlySet']);

/** What goes through a Map or a Set, from its first entry on. */
const WALKS: ReadonlySet<string> = new Set(['keys', 'values', 'entries', 'forEach']);

/** What keeps the order of a list, so that what is sorted behind it is sorted after all. */
const STEPS: ReadonlySet<string> = new Set(['filter', 'map', 'flatMap', 'slice']);

/** What is the same in whatever order the entries are. */
const UNORDERED: ReadonlySet<string> = new Set(['sort', 'toSorted', 'some', 'every', 'includes']);

/**
 * Where code goes through a Map, a Set or an object in a field that is marked with @derived: `this.index` at `field`. Such a
 * field is in no snapshot. On a replica that was restored from one its entries stand in the order in which `restored()`
 * entered them, elsewhere in that of the commands. Lists are no such thing: their order is what they are kept for.
 */
export function walkOf(field: ts.Node, symbols: Symbols): ts.Node | undefined {
  let node = field;
  while (isTransparent(node.parent, node)) node = node.parent;
  const walk = COLLECTIONS.has(symbols.libraryTypeOf(field)) ? walkOfCollection(node) : walkOfObject(node);
  return walk && !isUnordered(walk) ? walk : undefined;
}

function walkOfCollection(node: ts.Node): ts.Node | undefined {
  const { parent } = node;
  if (ts.isForOfStatement(parent)) return parent.expression === node ? node : undefined;
  if (ts.isSpreadElement(parent)) return node;
  if (isMemberOf(parent, node)) {
    const isCalled = ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
    return isCalled && WALKS.has(nameOf(parent) ?? '') ? parent.parent : undefined;
  }
  if (ts.isNewExpression(parent)) return node;
  return isArgumentOf(parent, node, 'Array.from') ? node : undefined;
}

function walkOfObject(node: ts.Node): ts.Node | undefined {
  const { parent } = node;
  if (ts.isForInStatement(parent)) return parent.expression === node ? node : undefined;
  const isListed = ['Object.keys', 'Object.values', 'Object.entries'].some((callee) =>
    isArgumentOf(parent, node, callee),
  );
  return isListed ? parent : undefined;
}

function isArgumentOf(parent: ts.Node, node: ts.Node, callee: string): boolean {
  return (
    ts.isCallExpression(parent) && parent.arguments[0] === node && parent.expression.getText() === callee
  );
}

/** `[...this.index.keys()].toSorted()` */
function isUnordered(walk: ts.Node): boolean {
  let node = walk;
  for (;;) {
    const { parent } = node;
    const isList =
      ts.isSpreadElement(parent) ||
      ts.isArrayLiteralExpression(parent) ||
      isArgumentOf(parent, node, 'Array.from') ||
      isTransparent(parent, node);
    if (isList) {
      node = parent;
    } else {
      if (!isMemberOf(parent, node)) return false;
      const name = nameOf(parent) ?? '';
      if (name === 'length' || UNORDERED.has(name)) return true;
      if (!STEPS.has(name)) return false;
      node = parent.parent;
    }
  }
}
