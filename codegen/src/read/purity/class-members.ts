import { ts } from 'ts-morph';
import type { Symbols } from './symbols.js';
import { functionOf, isStatic } from './syntax.js';

/** A class of the user's and those above it, the nearest first. */
export type Classes = readonly ts.ClassLikeDeclaration[];

/** What runs under a name: a method, accessors, a function in a field. Of the nearest class that has it. */
export function runsAs(classes: Classes, name: string): readonly ts.FunctionLikeDeclaration[] {
  for (const { members } of classes) {
    const found = members.flatMap((member) => {
      if (isStatic(member) || !member.name || nameOf(member.name) !== name) return [];
      return functionOf(member) ?? [];
    });
    const bodies = found.filter(({ body }) => body !== undefined);
    if (bodies.length > 0) return bodies;
  }
  return [];
}

/** What runs when an instance is made: constructors, and the values of fields. */
export function* constructionOf(
  classes: Classes,
): Iterable<ts.ConstructorDeclaration | ts.PropertyDeclaration> {
  for (const { members } of classes) {
    for (const member of members) {
      if (ts.isConstructorDeclaration(member) && member.body) yield member;
      if (ts.isPropertyDeclaration(member) && !isStatic(member) && !functionOf(member)) yield member;
    }
  }
}

export function chainOfClass(declaration: ts.ClassLikeDeclaration, symbols: Symbols): Classes {
  const classes: ts.ClassLikeDeclaration[] = [];
  for (let next: ts.ClassLikeDeclaration | undefined = declaration; next && !classes.includes(next);) {
    classes.push(next);
    const clause: ts.HeritageClause | undefined = next.heritageClauses?.find(
      ({ token }) => token === ts.SyntaxKind.ExtendsKeyword,
    );
    const extended: ts.Expression | undefined = clause?.types[0]?.expression;
    const above: ts.Declaration | undefined = extended && symbols.of(extended)?.valueDeclaration;
    next = above && ts.isClassLike(above) && symbols.isUsers(above) ? above : undefined;
  }
  return classes;
}

function nameOf(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name)
    ? name.text
    : undefined;
}
