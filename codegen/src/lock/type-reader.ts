import type { ParameterSchema, PropertySchema, Schema, TupleElement } from '@decoraft/protocol';
import type { LockedOperation } from './lock.js';

/** A text of the lock that says nothing. */
export class LockSyntaxError extends Error {
  override name = 'LockSyntaxError';
}

type Signature = Pick<LockedOperation, 'name' | 'parameters' | 'rest' | 'source' | 'result'>;

/** @throws LockSyntaxError */
export function readSignature(text: string): Signature {
  return new TypeTextReader(text).signature();
}

/** @throws LockSyntaxError */
export function readType(text: string): Schema {
  return new TypeTextReader(text).whole();
}

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*')|(`(?:[^`\\]|\\.)*`)|(-?(?:Infinity|\d[\d.]*(?:e[+-]?\d+)?)n?)|([\p{ID_Start}$_][\p{ID_Continue}$]*)|(\.\.\.|[()[\]{}<>,;:?|]))/uy;

interface Token {
  readonly kind: 'text' | 'quoted-name' | 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
}

/** Reads what `type-text.ts` writes, from left to right, one token ahead. */
class TypeTextReader {
  readonly #text: string;
  #at = 0;
  #next: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#token();
  }

  whole(): Schema {
    const schema = this.#type();
    this.#end();
    return schema;
  }

  signature(): Signature {
    const name = this.#name();
    const parameters: ParameterSchema[] = [];
    let rest: ParameterSchema | undefined;
    let source: Signature['source'];
    this.#take('(');
    for (let at = 0; !this.#skip(')'); at++) {
      if (at > 0) this.#take(',');
      const isRest = this.#skip('...');
      const parameter = { name: this.#name(), optional: this.#skip('?') };
      this.#take(':');
      if (this.#next.text === 'AsyncIterable') {
        source = { name: parameter.name, at, item: this.#argumentOf('AsyncIterable') };
      } else if (isRest) rest = { ...parameter, schema: this.#type() };
      else parameters.push({ ...parameter, schema: this.#type() });
    }
    this.#take(':');
    const result = this.#type();
    this.#end();
    return { name, parameters, ...(rest ? { rest } : {}), ...(source ? { source } : {}), result };
  }

  #type(): Schema {
    const options = [this.#element()];
    while (this.#skip('|')) options.push(this.#element());
    const [only] = options;
    return only && options.length === 1 ? only : { kind: 'union', options };
  }

  #element(): Schema {
    let schema = this.#simple();
    while (this.#skip('[')) {
      this.#take(']');
      schema = { kind: 'array', element: schema };
    }
    return schema;
  }

  #simple(): Schema {
    const token = this.#advance();
    if (token.kind === 'text') return { kind: 'literal', value: unquoted(token.text) };
    if (token.kind === 'quoted-name') return { kind: 'reference', name: unquoted(token.text) };
    if (token.kind === 'number') return { kind: 'literal', value: numberOf(token.text) };
    if (token.kind === 'name') return this.#named(token.text);
    if (token.text === '(') {
      const schema = this.#type();
      this.#take(')');
      return schema;
    }
    if (token.text === '[') return this.#tuple();
    return token.text === '{' ? this.#object() : this.#fail(token);
  }

  #named(name: string): Schema {
    switch (name) {
      case 'void':
      case 'undefined':
        return { kind: 'void' };
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
      case 'unknown':
        return { kind: name };
      case 'never':
        return { kind: 'union', options: [] };
      case 'true':
      case 'false':
        return { kind: 'literal', value: name === 'true' };
      case 'NaN':
      case 'Infinity':
        return { kind: 'literal', value: Number(name) };
      case 'Date':
        return { kind: 'date' };
      case 'Uint8Array':
        return { kind: 'bytes' };
      case 'Set':
        return { kind: 'set', element: this.#bracketed() };
      case 'Map':
        return this.#map();
      case 'Record':
        return { kind: 'record', value: this.#map().value };
      default:
        return { kind: 'reference', name };
    }
  }

  #map(): Schema & { readonly kind: 'map' } {
    this.#take('<');
    const key = this.#type();
    this.#take(',');
    const value = this.#type();
    this.#take('>');
    return { kind: 'map', key, value };
  }

  #argumentOf(name: string): Schema {
    this.#take(name);
    return this.#bracketed();
  }

  #bracketed(): Schema {
    this.#take('<');
    const schema = this.#type();
    this.#take('>');
    return schema;
  }

  #tuple(): Schema {
    const elements: TupleElement[] = [];
    for (let isFirst = true; !this.#skip(']'); isFirst = false) {
      if (!isFirst) this.#take(',');
      if (this.#skip('...')) {
        const all = this.#element();
        this.#take(']');
        if (all.kind !== 'array') throw new LockSyntaxError(`has a rest that is no array: \`${this.#text}\``);
        return { kind: 'tuple', elements, rest: all.element };
      }
      elements.push({ schema: this.#element(), optional: this.#skip('?') });
    }
    return { kind: 'tuple', elements };
  }

  #object(): Schema {
    const properties: PropertySchema[] = [];
    for (let isFirst = true; !this.#skip('}'); isFirst = false) {
      if (!isFirst) this.#take(';');
      const property = { name: this.#name(), optional: this.#skip('?') };
      this.#take(':');
      properties.push({ ...property, schema: this.#type() });
    }
    return { kind: 'object', properties };
  }

  #name(): string {
    const token = this.#advance();
    if (token.kind === 'text') return unquoted(token.text);
    return token.kind === 'name' ? token.text : this.#fail(token);
  }

  #skip(text: string): boolean {
    if (this.#next.text !== text) return false;
    this.#advance();
    return true;
  }

  #take(text: string): void {
    if (!this.#skip(text)) this.#fail(this.#next);
  }

  #end(): void {
    if (this.#next.kind !== 'end') this.#fail(this.#next);
  }

  #advance(): Token {
    const token = this.#next;
    this.#next = this.#token();
    return token;
  }

  #token(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) {
      const text = this.#text.slice(this.#at).trim();
      if (text !== '') throw new LockSyntaxError(`cannot be read from \`${text}\` on: \`${this.#text}\``);
      return { kind: 'end', text: '' };
    }
    this.#at = TOKEN.lastIndex;
    const [, string, quotedName, number, name, mark = ''] = match;
    if (string !== undefined) return { kind: 'text', text: string };
    if (quotedName !== undefined) return { kind: 'quoted-name', text: quotedName };
    if (number !== undefined) return { kind: 'number', text: number };
    return name === undefined ? { kind: 'mark', text: mark } : { kind: 'name', text: name };
  }

  #fail(token: Token): never {
    const what = token.kind === 'end' ? 'ends too early' : `has \`${token.text}\` where it means nothing`;
    throw new LockSyntaxError(`${what}: \`${this.#text}\``);
  }
}

function unquoted(text: string): string {
  const [mark = ''] = text;
  const body = text
    .slice(1, -1)
    .replaceAll(`\\${mark}`, mark)
    .replaceAll('"', String.raw`\"`);
  return JSON.parse(`"${body}"`) as string;
}

function numberOf(text: string): number | bigint {
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}
