import { ts } from 'ts-morph';
import type { Symbols } from './symbols.js';
import { type Member, unwrap } from './syntax.js';

/** Of the library's own classes, by name alone: none of them has a method of such a name that changes nothing. */
export const MUTATORS =
  /^(?:set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|next|append|set[A-Z]\w*)$/;

/** What hands parts of a collection to a function. */
export const VISITORS: ReadonlySet<string> = new Set(
  'forEach map flatMap filter find findLast some every findIndex'.split(' '),
);

/** Whether a method gives a part of a collection, which is that of the collection, or goes through its parts. */
export function gives(method: string): 'part' | 'iterator' | undefined {
  if (PARTS.has(method)) return 'part';
  return ITERATORS.has(method) ? 'iterator' : undefined;
}

const PARTS: ReadonlySet<string> = new Set(['get', 'at', 'find', 'findLast', 'next']);
const ITERATORS: ReadonlySet<string> = new Set(['values', 'entries', 'keys']);

/** `Object.assign(target, …)`, and `Array.prototype.push.call(target, …)`. */
export function changesFirstArgument({ expression }: ts.CallExpression): boolean {
  const text = expression.getText();
  if (CHANGERS.has(text)) return true;
  const borrowed = /\.(\w+)\.(?:call|apply)$/.exec(text);
  return borrowed !== null && text.includes('prototype.') && MUTATORS.test(borrowed[1] ?? '');
}

const CHANGERS: ReadonlySet<string> = new Set([
  ...['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf'].map((name) => `Object.${name}`),
  ...['set', 'defineProperty', 'deleteProperty', 'setPrototypeOf'].map((name) => `Reflect.${name}`),
]);

/** A pattern with `g` or `y` goes on where it last was. */
export function isStatefulPattern({ expression }: Member, method: string, symbols: Symbols): boolean {
  if (method !== 'test' && method !== 'exec') return false;
  const declaration = symbols.of(unwrap(expression))?.valueDeclaration;
  const isMade =
    declaration && (ts.isVariableDeclaration(declaration) || ts.isPropertyDeclaration(declaration));
  const made = isMade ? declaration.initializer : undefined;
  return made !== undefined && ts.isRegularExpressionLiteral(made) && /\/[a-z]*[gy][a-z]*$/.test(made.text);
}
