import { Node } from 'ts-morph';

/** Visits everything below `root` where `this` is the same as there: not what has a `this` of its own. */
export function forEachOfThis(root: Node | undefined, visit: (node: Node) => void): void {
  root?.forEachDescendant((node, traversal) => {
    if (hasOwnThis(node)) traversal.skip();
    else visit(node);
  });
}

/** Arrow functions have that of what is around them. */
function hasOwnThis(node: Node): boolean {
  return (
    Node.isFunctionDeclaration(node) ||
    Node.isFunctionExpression(node) ||
    Node.isClassLikeDeclarationBase(node)
  );
}
