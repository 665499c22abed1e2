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
import { brokenGroup, group, hardLine, indent, join, type Layout, line, list } from './layout.js';
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

const NONE: ReadonlySet<string> = new Set();

/** The functions by which a server reads the arguments of calls, and so checks them. */
export class PositionalReaders {
  readonly #types: Types;
  readonly #imports: Imports;
  readonly #runtime: string;
  readonly #functions: PositionalFunctions;

  /**
   * @param imports Asked for what is used only.
   * @param runtime What the runtime's names are imported from.
   */
  constructor(types: Types, imports: Imports, runtime: string) {
    this.#types = types;
    this.#imports = imports;
    this.#runtime = runtime;
    this.#functions = new PositionalFunctions('read', types, (wanted) => imports.declare(wanted, NONE));
  }

  /** Ties a class to its decoders; nothing where no arguments travel by position. */
  emit(owner: string, operations: readonly ArgumentsOf[]): Layout {
    const positional = operations.filter((operation) => travelsByPosition(operation, this.#types));
    if (positional.length === 0) return [];
    const define = this.#imports.value(this.#runtime, 'defineDecoders');
    const decoders = positional.map((operation) => this.#emitDecoder(operation));
    const table = brokenGroup('{', indent(line, join([',', line], decoders)), ',', line, '}');
    return [
      [hardLine, `${define}(${owner}, `, table, ');', hardLine],
      [...this.#emitFunctions()].map((each) => [hardLine, each]),
    ];
  }

  #emitDecoder(operation: ArgumentsOf): Layout {
    const { name, parameters, rest } = operation;
    const hint = wordOf(name);
    const values = parameters.map(({ name: parameter, optional, schema }) => {
      const called = hint + wordOf(parameter);
      return optional
        ? this.#call('optional', this.#reference(schema, called))
        : this.#emitValue(schema, called);
    });
    if (rest)
      values.push(['...', this.#call('rest', this.#reference(rest.schema, hint + wordOf(rest.name)))]);
    const make = this.#imports.value(this.#runtime, 'argumentsDecoder');
    const hash = emitHash(argumentsHash(operation, this.#types));
    const head = `${propertyName(name)}: ${make}(${hash}, ${parameters.length}, (reader) => `;
    return [head, emitHugged('[', values, ']'), ')'];
  }

  *#emitFunctions(): Generator<Layout> {
    for (const { hint, name, schema } of this.#functions) {
      const reader = this.#imports.type(this.#runtime, 'PositionalReader');
      const body = schema.kind === 'object' ? this.#emitObject(schema, hint) : this.#emitReturn(schema, hint);
      yield [
        [`function ${name}`, list('(', [`reader: ${reader}`], ')'), ': unknown {'],
        [indent(hardLine, body), hardLine, '}', hardLine],
      ];
    }
  }

  #emitReturn(schema: Schema, hint: string): Layout {
    return ['return ', this.#emitValue(schema, hint), ';'];
  }

  #emitObject(schema: Schema & { readonly kind: 'object' }, hint: string): Layout {
    const { optional, required } = partsOfObject(schema);
    const read = this.#read();
    const items = required.map((one) => this.#emitProperty(one, hint));
    const properties = optional.map((one) => {
      const reference = this.#reference(one.schema, hint + wordOf(one.name));
      return [
        `${read}.property`,
        list('(', ['reader', 'value', quote(one.name), reference], ')'),
        ';',
        hardLine,
      ];
    });
    return [
      [`${read}.object(reader, ${required.length});`, hardLine],
      ['const value = ', emitHugged('{', items, '}'), ';', hardLine],
      [...properties, `return ${read}.end(reader, value);`],
    ];
  }

  #emitProperty({ name, schema }: PropertySchema, hint: string): Layout {
    // Without the brackets it would be the object's prototype.
    const key = name === '__proto__' ? `['__proto__']` : propertyName(name);
    if (schema.kind !== 'literal') return [`${key}: `, this.#emitValue(schema, hint + wordOf(name))];
    // A string that is too long goes below its name.
    if (typeof schema.value === 'string') return group(`${key}:`, indent(line, quote(schema.value)));
    return [`${key}: `, emitLiteral(schema.value)];
  }

  #emitValue(schema: Schema, hint: string): Layout {
    switch (schema.kind) {
      case 'void':
        return this.#call('undefined');
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
      case 'date':
      case 'bytes':
        return this.#call(schema.kind);
      case 'literal':
        return [this.#reference(schema, hint), '(reader)'];
      case 'array':
      case 'set':
        return this.#call(schema.kind, this.#reference(schema.element, `${hint}Item`));
      case 'record':
        return this.#call('record', this.#reference(schema.value, `${hint}Value`));
      case 'map': {
        const key = this.#reference(schema.key, `${hint}Key`);
        return this.#call('map', key, this.#reference(schema.value, `${hint}Value`));
      }
      case 'tuple':
        return this.#emitTuple(schema, hint);
      case 'union':
        return this.#emitUnion(schema, hint);
      case 'object':
      case 'reference':
        return `${this.#functions.of(schema, hint)}(reader)`;
      case 'unknown':
        return refuseUnknown();
      default:
        return unreachable(schema);
    }
  }

  #emitTuple(schema: TupleSchema, hint: string): Layout {
    const emit = (element: Schema, at: number): Layout => this.#reference(element, `${hint}${at + 1}`);
    const { optional, required, rest } = partsOfTuple(schema, emit);
    const always = emitHugged('[', required, ']');
    if (optional.length === 0 && rest === undefined) return this.#hugging('tuple', always);
    const more = [always, emitHugged('[', optional, ']'), ...(rest === undefined ? [] : [rest])];
    return this.#call('openTuple', ...more);
  }

  #emitUnion(schema: Schema, hint: string): Layout {
    const options = canonicalOptions(schema, this.#types);
    const [only] = options;
    if (only && options.length === 1) return this.#emitValue(only, hint);
    const literals = literalsOf(options);
    if (literals) return this.#hugging('oneOf', emitLiteral(literals));
    const references = options.map((option, at) => this.#reference(option, hint + wordOfOption(option, at)));
    return this.#hugging('union', emitHugged('[', references, ']'));
  }

  /** A function for a schema, as an argument. */
  #reference(schema: Schema, hint: string): Layout {
    switch (schema.kind) {
      case 'void':
        return `${this.#read()}.undefined`;
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
      case 'date':
      case 'bytes':
        return `${this.#read()}.${schema.kind}`;
      case 'literal':
        return [`${this.#read()}.only(`, emitLiteral(schema.value), ')'];
      default:
        return this.#functions.of(schema, hint);
    }
  }

  #call(name: string, ...more: readonly Layout[]): Layout {
    return [`${this.#read()}.${name}`, list('(', ['reader', ...more], ')')];
  }

  /** A call whose last argument begins on its line. */
  #hugging(name: string, ...more: readonly Layout[]): Layout {
    return [`${this.#read()}.${name}(`, join(', ', ['reader', ...more]), ')'];
  }

  #read(): string {
    return this.#imports.value(this.#runtime, 'read');
  }
}
