import { type Decorator, Node } from 'ts-morph';
import type { DecoratorModel, OptionModel } from '../model.js';

/** What a decorator is given in parentheses, as far as it stands there in full. */
export function readDecoratorOptions(
  decorator: Decorator,
): Pick<DecoratorModel, 'consistency' | 'was' | 'retired'> {
  return {
    consistency: readOption(decorator, 'consistency', textOf),
    was: readOption(decorator, 'was', textOf),
    retired: readOption(decorator, 'retired', truthOf),
  };
}

/**
 * What of an overridden member's decorator holds for the one that overrides it: how the operation is known, and whether it
 * is retired, as long as the nearer one does not say it itself.
 */
export function inheritOptions(nearer: DecoratorModel, further: DecoratorModel): DecoratorModel {
  return {
    ...nearer,
    was: nearer.was.kind === 'not-given' ? further.was : nearer.was,
    retired: nearer.retired.kind === 'not-given' ? further.retired : nearer.retired,
  };
}

function readOption<Value>(
  decorator: Decorator,
  name: string,
  valueOf: (node: Node) => Value | undefined,
): OptionModel<Value> {
  const [options] = decorator.getArguments();
  if (!options) return { kind: 'not-given' };
  if (!Node.isObjectLiteralExpression(options)) return { kind: 'unreadable', text: options.getText() };
  const property = options.getProperty(name);
  if (!property) return { kind: 'not-given' };
  const initializer = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
  const value = initializer && valueOf(initializer);
  return value === undefined ? { kind: 'unreadable', text: property.getText() } : { kind: 'given', value };
}

function textOf(node: Node): string | undefined {
  const isText = Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node);
  // Nothing is called the empty text.
  return isText && node.getLiteralText() !== '' ? node.getLiteralText() : undefined;
}

function truthOf(node: Node): boolean | undefined {
  return Node.isTrueLiteral(node) || Node.isFalseLiteral(node) ? node.getLiteralValue() : undefined;
}
