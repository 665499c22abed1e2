import { StateMachine } from './machine.js';

/**
 * The names of the fields that an instance keeps out of sight of everybody but its class, `#` in front: a snapshot
 * could not see them. Private methods, accessors and what is static are no state and are not named.
 *
 * Reflection cannot find them, so this reads the source text of the class and of those above it, as the engine gives
 * it: fields that are written as such, and the WeakMaps into which TypeScript, esbuild, Babel and swc turn them for
 * engines that do not have them. What this does not find: a class whose text the engine withholds, a compiler with
 * other words, and state that somebody keeps in a WeakMap or closure by hand. The generator reads the same fields
 * from the syntax tree, where there is no doubt.
 */
export function privateFieldsOf(instance: StateMachine): readonly string[] {
  const names = new Set<string>();
  for (const text of sourcesOf(instance)) for (const name of fieldsIn(codeOf(text))) names.add(name);
  return [...names];
}

/** Whether an instance has anything, fields and methods, that only what its own constructor made can have. */
export function isPrivateToItsClass(instance: StateMachine): boolean {
  return [...sourcesOf(instance)].some((text) =>
    codeOf(text).some(
      (token) => /^#./.test(token) || token.endsWith('_instances') || ADDING_HELPER.test(token),
    ),
  );
}

/** The texts of the class of an instance and of those above it, up to {@link StateMachine}. */
export function* sourcesOf(instance: StateMachine): Iterable<string> {
  let prototype = Object.getPrototypeOf(instance) as object | null;
  while (prototype && prototype !== StateMachine.prototype) {
    const made: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
    if (typeof made === 'function') yield Function.prototype.toString.call(made);
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
}

/** Words, private names, and everything else by one character. */
const TOKEN = /#?[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*|\S/gu;
const WORD_BEFORE_REGULAR_EXPRESSION =
  /^(?:return|typeof|case|in|of|delete|void|instanceof|new|throw|else|do|yield|await)$/;

/**
 * The tokens of a source text without comments, and without what stands in texts, templates and regular expressions.
 * A slash opens a regular expression where no value stands before it; behind a closing parenthesis it divides, which
 * is wrong only for a bare expression as the body of an `if`.
 */
function codeOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const [token] = found;
    const end = endOfLiteral(text, found.index, tokens.at(-1));
    if (end === undefined) tokens.push(token);
    else {
      // A literal is a value; a comment is nothing.
      if (!isCommentAt(text, found.index)) tokens.push('0');
      TOKEN.lastIndex = end;
    }
  }
  return tokens;
}

function isCommentAt(text: string, at: number): boolean {
  return text.startsWith('//', at) || text.startsWith('/*', at);
}

/** Where the comment, text, template or regular expression that begins here ends; `undefined` for other tokens. */
function endOfLiteral(text: string, at: number, before: string | undefined): number | undefined {
  switch (text[at]) {
    case '"':
    case "'":
      return endOfText(text, at);
    case '`':
      return endOfTemplate(text, at);
    case '/':
      if (text.startsWith('//', at)) return endingAt(text, '\n', at);
      if (text.startsWith('/*', at)) return endingAt(text, '*/', at + 2);
      return isValue(before) ? undefined : endOfRegularExpression(text, at);
    default:
      return undefined;
  }
}

function isValue(token: string | undefined): boolean {
  if (token === undefined || WORD_BEFORE_REGULAR_EXPRESSION.test(token)) return false;
  return /^[#\p{ID_Continue}$)\]}]/u.test(token);
}

function endingAt(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at === -1 ? text.length : at + end.length;
}

function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[start]) return at + 1;
  }
  return text.length;
}

/** What is computed within a template may hold templates. */
function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '`') return at + 1;
    else if (text.startsWith('${', at)) at = endOfComputed(text, at + 2) - 1;
  }
  return text.length;
}

function endOfComputed(text: string, start: number): number {
  let depth = 1;
  let before: string | undefined;
  for (let at = start; at < text.length;) {
    const character = text[at] ?? '';
    const end = endOfLiteral(text, at, before);
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (depth === 0) return at + 1;
    if (character.trim() !== '') before = end === undefined ? character : '0';
    at = end ?? at + 1;
  }
  return text.length;
}

function endOfRegularExpression(text: string, start: number): number {
  let isInClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '\n' || (character === '/' && !isInClass)) return at + 1;
  }
  return text.length;
}

function* fieldsIn(tokens: readonly string[]): Iterable<string> {
  const body = headLength(tokens);
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (at < body) continue;
    if ('{(['.includes(token)) depth += 1;
    else if ('})]'.includes(token)) depth -= 1;
    else if (depth === 1 && isField(tokens, at)) yield token;
    const lowered = loweredField(tokens, at);
    if (lowered !== undefined) yield `#${lowered}`;
  }
}

/** `class X extends mixin({ … }) {`: the braces of what is extended are not those of the class. */
function headLength(tokens: readonly string[]): number {
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token === '(' || token === '[') depth += 1;
    else if (token === ')' || token === ']') depth -= 1;
    else if (token === '{' && depth === 0) return at;
  }
  return tokens.length;
}

/** A private name in the body of the class itself that is declared there, and is no method. */
function isField(tokens: readonly string[], at: number): boolean {
  const [before, token = '', after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (!token.startsWith('#') || token.length === 1) return false;
  return before !== '.' && before !== 'static' && after !== '(' && after !== 'in';
}

/** Helpers by which esbuild, Babel and swc give an instance a private field. */
const ADDING_HELPER = /^(?:__privateAdd|_?_?classPrivateFieldInitSpec\d*|_class_private_field_init)\d*$/;

function loweredField(tokens: readonly string[], at: number): string | undefined {
  const name = (from: number, ...expected: readonly string[]): string | undefined =>
    expected.every((token, offset) => tokens[from + offset] === token) ? tokens[from - 1] : undefined;
  if (ADDING_HELPER.test(tokens[at] ?? '') && name(at + 1, '(', 'this', ',') !== undefined) {
    const field = tokens[at + 4] ?? '';
    // A WeakSet of instances stands for private methods.
    return field.startsWith('_') && !field.endsWith('_instances') ? field.slice(1) : undefined;
  }
  // TypeScript: `_Class_field.set(this, …)`.
  const holder = name(at + 1, '.', 'set', '(', 'this', ',');
  return /^_\w+?_(\w+)$/.exec(holder ?? '')?.[1];
}
