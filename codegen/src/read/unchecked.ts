import { Node, type TypeNode, type TypeReferenceNode } from 'ts-morph';
import type { DecoraftWords } from './decoraft-words.js';
import { withoutAliases } from './origins.js';
import { optionNodes } from './written-type.js';

/**
 * The mark in what is written: `Unchecked`, `Unchecked<Item>`, a name for it, and a union with one that nothing is known of, which the
 * compiler takes for that alone. Only the node shows it: to the compiler the mark is what it stands for.
 */
export function findUnchecked(
  written: TypeNode | undefined,
  words: DecoraftWords,
): TypeReferenceNode | undefined {
  if (Node.isTypeReference(written)) {
    return words.nameOf(written.getTypeName()) === 'Unchecked'
      ? written
      : findUnchecked(aliasedBy(written), words);
  }
  const type = written?.getType();
  if (!type?.isUnknown() && !type?.isAny()) return undefined;
  for (const option of optionNodes(written)) {
    const marked = findUnchecked(option, words);
    if (marked) return marked;
  }
  return undefined;
}

/** `Unchecked` behind `type Document = Unchecked`, which leaves the compiler no name but that of what it stands for. */
function aliasedBy(reference: TypeReferenceNode): TypeNode | undefined {
  const type = reference.getType();
  if (!type.isUnknown() && !type.isAny()) return undefined;
  const symbol = reference.getTypeName().getSymbol();
  const declarations = symbol && withoutAliases(symbol).getDeclarations();
  return declarations?.find(Node.isTypeAliasDeclaration)?.getTypeNode();
}
