import { type ClassDeclaration, type ClassMemberTypes, type MethodDeclaration, Node } from 'ts-morph';
import type { DeclaredVersion, HookModel, PreviousModel, VersionModel } from '../model.js';
import type { ClassNode } from './base-class.js';
import { type BaseName, chainOf, nameOfMember } from './class-chain.js';
import type { Locate } from './positions.js';

export const FIRST_VERSION: VersionModel = {
  declared: { kind: 'given', version: 1 },
  oldest: 1,
  previous: undefined,
  migrate: undefined,
};

/** What a machine says of its version, itself or in a class above it; the nearest of each counts, as when it runs. */
export function readVersion(
  classes: readonly ClassNode[],
  baseOf: (node: Node) => BaseName | undefined,
  locate: Locate,
): VersionModel {
  const members = classes.flatMap((declaration) => declaration.getMembers());
  const migrate = methodOf(members, 'migrate');
  const previous = methodOf(members, 'previous');
  return {
    declared: readDeclared(members, locate),
    oldest: readOldest(members),
    migrate: migrate && readHook(migrate, locate),
    previous: previous && readPrevious(previous, baseOf, locate),
  };
}

function readDeclared(members: readonly ClassMemberTypes[], locate: Locate): DeclaredVersion {
  const declared = staticOf(members, 'version');
  if (!declared) return { kind: 'given', version: 1 };
  const number = numberOf(declared);
  if (number !== undefined && Number.isSafeInteger(number) && number > 0) {
    return { kind: 'given', version: number };
  }
  const [text = ''] = declared.getText().split('\n');
  return { kind: 'unreadable', text, position: locate(declared) };
}

function readOldest(members: readonly ClassMemberTypes[]): number {
  const declared = staticOf(members, 'oldestVersion');
  return (declared && numberOf(declared)) ?? 1;
}

function staticOf(members: readonly ClassMemberTypes[], name: string): ClassMemberTypes | undefined {
  return members.find((node) => Node.isStaticable(node) && node.isStatic() && nameOfMember(node) === name);
}

function numberOf(node: ClassMemberTypes): number | undefined {
  const value = Node.isPropertyDeclaration(node) ? node.getInitializer() : undefined;
  return value && Node.isNumericLiteral(value) ? value.getLiteralValue() : undefined;
}

function methodOf(members: readonly ClassMemberTypes[], name: string): MethodDeclaration | undefined {
  const found = members.filter(Node.isMethodDeclaration);
  return found.find((node) => !node.isStatic() && !node.isAbstract() && nameOfMember(node) === name);
}

function readHook(node: MethodDeclaration, locate: Locate): HookModel {
  const isPromise = node.getReturnType().getSymbol()?.getName() === 'Promise';
  return {
    position: locate(node.getNameNode()),
    isAsync: node.isAsync() || isPromise,
    isGenerator: node.isGenerator(),
  };
}

function readPrevious(
  node: MethodDeclaration,
  baseOf: (node: Node) => BaseName | undefined,
  locate: Locate,
): PreviousModel {
  const declaration = givenClass(node);
  if (!declaration) return { ...readHook(node, locate), machine: undefined };
  const { classes } = chainOf(declaration, baseOf);
  const members = classes.flatMap((each) => each.getMembers());
  const name = declaration.getName() ?? '';
  const file = declaration.getSourceFile();
  const sourcePath = file.isDeclarationFile() ? undefined : file.getFilePath();
  return {
    ...readHook(node, locate),
    machine: { name, declared: readDeclared(members, locate), sourcePath },
  };
}

/** The class that a method makes an instance of: `return new Users1()`, whatever its type is said to be. */
function givenClass(node: MethodDeclaration): ClassDeclaration | undefined {
  const made = node
    .getStatements()
    .filter(Node.isReturnStatement)
    .map((statement) => statement.getExpression())
    .find(Node.isNewExpression);
  const type = made?.getType() ?? node.getReturnType();
  const found = type.getSymbol()?.getDeclarations().find(Node.isClassDeclaration);
  return found?.isAbstract() === false ? found : undefined;
}
