import { unreachable } from '@decoraft/base';
import {
  argumentsHash,
  canonicalOptions,
  partsOfObject,
  type PropertySchema,
  type Schema,
  travelsByPosition,
} from '@decoraft/protocol';
import type { Imports } from './imports.js';
import { group, hardLine, ifBroken, indent, join, type Layout, line, list, softLine } from './layout.js';
import { emitLiteral, propertyName, quote } from './literal.js';
import { PositionalFunctions, type Types, wordOf, wordOfOption } from './positional-names.js';
import {
  type ArgumentsOf,
  emitHash,
  emitHugged,
  literalsOf,
  partsOfTuple,
  refuseUnknown,
  type TupleSchema,
} from './positional-parts.js';

const WIDTH = 110;

/** The functions by which a client writes the arguments of its calls. */
export class PositionalWriters {
  readonly #types: Types;
  readonly #imports: Imports;
  readonly #client: string;
  readonly #declare: (wanted: string) => string;
  readonly #functions: PositionalFunctions;
  readonly #encoders: Layout[] = [];

  /**
   * @param imports Asked for what is used only.
   * @param client What the runtime's names are imported from.
   * @param avoided Names that no function may have: those of parameters, which would hide it.
   */
  constructor(types: Types, imports: Imports, client: string, avoided: ReadonlySet<string>) {
    this.#types = types;
    this.#imports = imports;
    this.#client = client;
    this.#declare = (wanted) => imports.declare(wanted, avoided);
    this.#functions = new PositionalFunctions('write', types, this.#declare);
  }

  /** The encoder of an operation's arguments; `undefined` where they do not travel by position. */
  encoderOf(operation: ArgumentsOf): string | undefined {
    if (!travelsByPosition(operation, this.#types)) return undefined;
    const name = this.#declare(`encode${wordOf(operation.name)}`);
    this.#encoders.push(this.#emitEncoder(name, operation));
    return name;
  }

  /** All encoders, and the functions that they call. */
  emit(): Layout {
    const functions: Layout[] = [];
    for (const { hint, name, schema } of this.#functions) {
      const writer = this.#imports.type(this.#client, 'PositionalWriter');
      const body = emitReturn(this.#emitChecks(schema, hint));
      functions.push([
        [`function ${name}`, list('(', [`writer: ${writer}`, 'value: unknown'], ')'), ': boolean {'],
        [indent(hardLine, body), hardLine, '}', hardLine],
      ]);
    }
    return [...this.#encoders, ...functions].map((each) => [hardLine, each]);
  }

  #emitEncoder(name: string, operation: ArgumentsOf): Layout {
    const { parameters, rest } = operation;
    const hint = wordOf(operation.name);
    const bindings = this.#bindingsOf(rest ? [...parameters, rest] : parameters);
    const checks = parameters.map(({ name: parameter, optional, schema }, at) => {
      const value = bindings[at] ?? '';
      const called = hint + wordOf(parameter);
      return optional
        ? this.#call('optional', value, this.#reference(schema, called))
        : this.#emitCheck(schema, value, called);
    });
    const last = rest && bindings.pop();
    if (rest && last !== undefined) {
      bindings.push(`...${last}`);
      checks.push(this.#call('rest', last, this.#reference(rest.schema, hint + wordOf(rest.name))));
    }
    const make = this.#imports.value(this.#client, rest ? 'argumentsEncoderWithRest' : 'argumentsEncoder');
    const hash = emitHash(argumentsHash(operation, this.#types));
    return emitDeclaration(`const ${name} = ${make}(`, [hash, String(parameters.length)], bindings, checks);
  }

  /** What the arguments are called: as the parameters, unless that means something else in the function. */
  #bindingsOf(parameters: readonly { readonly name: string }[]): string[] {
    const reserved = ['writer', 'args', this.#write()];
    const names = parameters.map(({ name }) => name);
    return names.map((name) => (reserved.includes(name) ? freeName(name, [...reserved, ...names]) : name));
  }

  /** What has to hold of a value, in order. */
  #emitChecks(schema: Schema, hint: string): readonly Layout[] {
    if (schema.kind !== 'object') return [this.#emitCheck(schema, 'value', hint)];
    const { optional, required } = partsOfObject(schema);
    const always = emitNames(required);
    const begin =
      optional.length === 0
        ? this.#hugging('object', 'value', always)
        : this.#call('object', 'value', always, emitNames(optional));
    // A literal has no bytes, and tells the options of a union apart before anything else is written.
    const inOrder = [...required.filter(isLiteral), ...required.filter((one) => !isLiteral(one))];
    return [
      begin,
      ...inOrder.map((one) => this.#emitCheck(one.schema, accessOf(one.name), hint + wordOf(one.name))),
      ...optional.map((one) => {
        const reference = this.#reference(one.schema, hint + wordOf(one.name));
        return this.#call('property', 'value', quote(one.name), reference);
      }),
      `${this.#write()}.end(writer)`,
    ];
  }

  #emitCheck(schema: Schema, value: string, hint: string): Layout {
    switch (schema.kind) {
      case 'void':
        return this.#call('undefined', value);
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
      case 'date':
      case 'bytes':
        return this.#call(schema.kind, value);
      case 'literal':
        return this.#call('literal', value, emitLiteral(schema.value));
      case 'array':
      case 'set':
        return this.#call(schema.kind, value, this.#reference(schema.element, `${hint}Item`));
      case 'record':
        return this.#call('record', value, this.#reference(schema.value, `${hint}Value`));
      case 'map': {
        const key = this.#reference(schema.key, `${hint}Key`);
        return this.#call('map', value, key, this.#reference(schema.value, `${hint}Value`));
      }
      case 'tuple':
        return this.#emitTuple(schema, value, hint);
      case 'union':
        return this.#emitUnion(schema, value, hint);
      case 'object':
      case 'reference':
        return `${this.#functions.of(schema, hint)}(writer, ${value})`;
      case 'unknown':
        return refuseUnknown();
      default:
        return unreachable(schema);
    }
  }

  #emitTuple(schema: TupleSchema, value: string, hint: string): Layout {
    const emit = (element: Schema, at: number): Layout => this.#reference(element, `${hint}${at + 1}`);
    const { optional, required, rest } = partsOfTuple(schema, emit);
    const always = emitHugged('[', required, ']');
    if (optional.length === 0 && rest === undefined) return this.#hugging('tuple', value, always);
    const more = [always, emitHugged('[', optional, ']'), ...(rest === undefined ? [] : [rest])];
    return this.#call('openTuple', value, ...more);
  }

  #emitUnion(schema: Schema, value: string, hint: string): Layout {
    const options = canonicalOptions(schema, this.#types);
    const [only] = options;
    if (only && options.length === 1) return this.#emitCheck(only, value, hint);
    const literals = literalsOf(options);
    if (literals) return this.#hugging('oneOf', value, emitLiteral(literals));
    const references = options.map((option, at) => this.#reference(option, hint + wordOfOption(option, at)));
    return this.#hugging('union', value, emitHugged('[', references, ']'));
  }

  /** A function for a schema, as an argument. */
  #reference(schema: Schema, hint: string): Layout {
    switch (schema.kind) {
      case 'void':
        return `${this.#write()}.undefined`;
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
      case 'date':
      case 'bytes':
        return `${this.#write()}.${schema.kind}`;
      case 'literal':
        return [`${this.#write()}.only(`, emitLiteral(schema.value), ')'];
      default:
        return this.#functions.of(schema, hint);
    }
  }

  #call(name: string, value: string, ...more: readonly Layout[]): Layout {
    return [`${this.#write()}.${name}`, list('(', ['writer', value, ...more], ')')];
  }

  /** A call whose last argument begins on its line. */
  #hugging(name: string, value: string, ...more: readonly Layout[]): Layout {
    return [`${this.#write()}.${name}(`, join(', ', ['writer', value, ...more]), ')'];
  }

  #write(): string {
    return this.#imports.value(this.#client, 'write');
  }
}

/** `const encodeSet = argumentsEncoder(hash, 2, (writer, [key, value]) => { … });` */
function emitDeclaration(
  head: string,
  first: readonly string[],
  bindings: readonly string[],
  checks: readonly Layout[],
): Layout {
  const fits = (parameters: string): boolean =>
    `${head}${first.join(', ')}, ${parameters} => {`.length <= WIDTH;
  const destructured = `(writer, [${bindings.join(', ')}])`;
  const isShort = fits(destructured);
  const body = [
    `${isShort ? destructured : '(writer, args)'} => {`,
    isShort ? [] : indent(hardLine, 'const ', list('[', bindings, ']'), ' = args;'),
    [indent(hardLine, emitReturn(checks)), hardLine, '}'],
  ];
  if (fits('(writer, args)')) return [head, first.join(', '), ', ', body, ');', hardLine];
  return [head, indent([...first, body].map((each) => [hardLine, each, ','])), [hardLine, ');', hardLine]];
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted}${number}`;
  return name;
}

function emitReturn(checks: readonly Layout[]): Layout {
  const [only] = checks;
  if (only !== undefined && checks.length === 1) return ['return ', only, ';'];
  const [first = [], second = []] = checks;
  // Of two, the second stays behind the end of the first where there is room.
  const chain = checks.length === 2 ? [first, group(' &&', line, second)] : join([' &&', line], checks);
  return group('return ', ifBroken('('), indent(softLine, group(chain)), softLine, ifBroken(')'), ';');
}

function emitNames(properties: readonly PropertySchema[]): Layout {
  return emitLiteral(properties.map(({ name }) => name));
}

function accessOf(name: string): string {
  return propertyName(name) === name ? `value.${name}` : `value[${quote(name)}]`;
}

function isLiteral({ schema }: PropertySchema): boolean {
  return schema.kind === 'literal';
}
