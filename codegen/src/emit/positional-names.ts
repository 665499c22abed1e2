import type { Schema } from '@decoraft/protocol';

/** Named types, where a schema refers to them. */
export type Types = Readonly<Record<string, Schema>>;

/** A function that is emitted for a schema: what it is called, and what it is emitted from. */
export interface EmittedFunction {
  readonly name: string;
  readonly schema: Schema;
  /** What the functions of its parts are called after, where they have no name of their own. */
  readonly hint: string;
}

/**
 * Which schemas have functions of their own, and what these are called: one for each named type, and one for each shape
 * that is written in place, however often it is.
 */
export class PositionalFunctions {
  readonly #prefix: string;
  readonly #types: Types;
  /** The first of those that are written alike. */
  readonly #namesByText: ReadonlyMap<string, string>;
  readonly #declare: (wanted: string) => string;
  readonly #byText = new Map<string, EmittedFunction>();
  readonly #emitted: EmittedFunction[] = [];

  /**
   * @param prefix What all names begin with: `write`, `read`.
   * @param declare Makes a name one that the file has not got yet.
   */
  constructor(prefix: string, types: Types, declare: (wanted: string) => string) {
    this.#prefix = prefix;
    this.#types = types;
    const texts = Object.entries(types).map(([name, schema]) => [textOf(schema), name] as const);
    this.#namesByText = new Map(texts.toReversed());
    this.#declare = declare;
  }

  /** The function of a schema. @param hint What it is called after when its type has no name. */
  of(schema: Schema, hint: string): string {
    const structure = schema.kind === 'reference' ? (this.#types[schema.name] ?? schema) : schema;
    const text = textOf(structure);
    const known = this.#byText.get(text);
    if (known) return known.name;
    const word = wordOf(this.#namesByText.get(text) ?? hint);
    const emitted = { name: this.#declare(this.#prefix + word), schema: structure, hint: word };
    this.#byText.set(text, emitted);
    this.#emitted.push(emitted);
    return emitted.name;
  }

  /** Every function that was asked for, while more are asked for by those that look. */
  *[Symbol.iterator](): Iterator<EmittedFunction> {
    for (let at = 0; ; at++) {
      const emitted = this.#emitted[at];
      if (!emitted) return;
      yield emitted;
    }
  }
}

/** A part of a name: `first-name` → `FirstName`. */
export function wordOf(text: string): string {
  return text
    .split(/[^\p{ID_Continue}$]+/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

/** What an option of a union is called after: what tells it from the others, or its number. */
export function wordOfOption(option: Schema, at: number): string {
  const properties = option.kind === 'object' ? option.properties : [];
  const [mark] = properties.flatMap(({ schema }) => (schema.kind === 'literal' ? [schema.value] : []));
  return typeof mark === 'string' ? wordOf(mark) : `Option${at + 1}`;
}

function textOf(schema: Schema): string {
  return JSON.stringify(schema, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
