import { expectationOf } from './describe-schema.js';
import type { Schema } from './schema.js';
import { kindOfLiteral, type Shape } from './union-options.js';

/** Where a value of the one side may not be one of the other. */
export interface SchemaDifference {
  /** From the value inwards: `.entries[].key`; empty for the value itself. */
  readonly path: string;
  /** What is so on the one side and not on the other, for a person: `a number before, a string now`. */
  readonly words: string;
}

/** How the two sides are called in words. */
export interface Sides {
  readonly older: string;
  readonly newer: string;
}

/** A pair that must fit for the whole to fit. */
export interface Part {
  readonly path: string;
  readonly older: Schema;
  readonly newer: Schema;
}

/** What makes that two shapes do not fit at once, and the pairs inside them that must fit as well. */
export interface ShapeComparison {
  readonly problems: readonly SchemaDifference[];
  readonly parts: readonly Part[];
}

/** A property, or a place in a tuple. */
interface Member {
  readonly schema: Schema;
  readonly optional: boolean;
}

type TupleShape = Shape & { readonly kind: 'tuple' };

export const VOID = { kind: 'void' } as const satisfies Schema;
/** What stands where nothing stands. */
const ABSENT: Member = { schema: VOID, optional: true };
const FITS: ShapeComparison = { problems: [], parts: [] };

/** One step of a comparison: from two shapes, neither of them a union, to the pairs in them. */
export class ShapeComparer {
  readonly #sides: Sides;
  readonly #takesUndefined: (newer: Schema) => boolean;
  /** Each optional schema together with `undefined`, made once, so that a pair with it is known again. */
  readonly #optional = new Map<Schema, Schema>();

  constructor(sides: Sides, takesUndefined: (newer: Schema) => boolean) {
    this.#sides = sides;
    this.#takesUndefined = takesUndefined;
  }

  compare(older: Shape, newer: Shape, path: string): ShapeComparison {
    if (newer.kind === 'unknown') return FITS;
    if (older.kind === 'literal') return this.#literals(older, newer, path);
    const left = listOf(older);
    const right = listOf(newer);
    if (left && right) return this.#tuples(left, right, path);
    if (older.kind === 'object') return this.#ofObject(older, newer, path);
    if (older.kind === 'record') return this.#ofRecord(older, newer, path);
    if (older.kind === 'set' && newer.kind === 'set') {
      return {
        problems: [],
        parts: [{ path: `${path}[element]`, older: older.element, newer: newer.element }],
      };
    }
    if (older.kind === 'map' && newer.kind === 'map') {
      const keys = { path: `${path}[key]`, older: older.key, newer: newer.key };
      return {
        problems: [],
        parts: [keys, { path: `${path}[value]`, older: older.value, newer: newer.value }],
      };
    }
    return older.kind === newer.kind ? FITS : this.#changed(older, newer, path);
  }

  #literals(older: Shape & { readonly kind: 'literal' }, newer: Shape, path: string): ShapeComparison {
    const fits = newer.kind === 'literal' ? newer.value === older.value : newer.kind === kindOfLiteral(older);
    return fits ? FITS : this.#changed(older, newer, path);
  }

  #ofObject(older: Shape & { readonly kind: 'object' }, newer: Shape, path: string): ShapeComparison {
    if (newer.kind === 'record') {
      const parts = older.properties.map((property) => ({
        path: `${path}.${property.name}`,
        older: this.#schemaOf(property),
        newer: newer.value,
      }));
      return { problems: [], parts };
    }
    if (newer.kind !== 'object') return this.#changed(older, newer, path);
    const members = new Map(older.properties.map((property) => [property.name, property]));
    return joined(
      newer.properties.map((property) =>
        this.#members(members.get(property.name) ?? ABSENT, property, `${path}.${property.name}`),
      ),
    );
  }

  #ofRecord(older: Shape & { readonly kind: 'record' }, newer: Shape, path: string): ShapeComparison {
    if (newer.kind === 'record') {
      return { problems: [], parts: [{ path: `${path}[value]`, older: older.value, newer: newer.value }] };
    }
    if (newer.kind !== 'object') return this.#changed(older, newer, path);
    const member: Member = { schema: older.value, optional: true };
    return joined(
      newer.properties.map((property) => this.#members(member, property, `${path}.${property.name}`)),
    );
  }

  #tuples(older: TupleShape, newer: TupleShape, path: string): ShapeComparison {
    const places = Array.from({ length: Math.max(older.elements.length, newer.elements.length) }, (_, at) => {
      const left = older.elements[at] ?? (older.rest && { schema: older.rest, optional: true });
      const right = newer.elements[at] ?? (newer.rest && { schema: newer.rest, optional: false });
      return right
        ? this.#members(left ?? ABSENT, right, `${path}[${at}]`)
        : this.#problem(`${path}[${at}]`, 'given', 'not taken');
    });
    if (!older.rest) return joined(places);
    const rest = newer.rest
      ? { problems: [], parts: [{ path: `${path}[]`, older: older.rest, newer: newer.rest }] }
      : this.#problem(`${path}[]`, 'any number', `at most ${newer.elements.length}`);
    return joined([...places, rest]);
  }

  #members(older: Member, newer: Member, path: string): ShapeComparison {
    if (!older.optional || newer.optional || this.#takesUndefined(newer.schema)) {
      const parts = [{ path, older: this.#schemaOf(older), newer: this.#schemaOf(newer) }];
      return { problems: [], parts };
    }
    const { problems } = this.#problem(path, older === ABSENT ? 'absent' : 'optional', 'required');
    return { problems, parts: older === ABSENT ? [] : [{ path, older: older.schema, newer: newer.schema }] };
  }

  #schemaOf({ schema, optional }: Member): Schema {
    if (!optional) return schema;
    const known = this.#optional.get(schema);
    if (known) return known;
    const made: Schema = { kind: 'union', options: [schema, VOID] };
    this.#optional.set(schema, made);
    return made;
  }

  #changed(older: Shape, newer: Shape, path: string): ShapeComparison {
    return this.#problem(path, expectationOf(older), expectationOf(newer));
  }

  #problem(path: string, older: string, newer: string): ShapeComparison {
    return { problems: [changeOf(path, older, newer, this.#sides)], parts: [] };
  }
}

export function changeOf(path: string, older: string, newer: string, sides: Sides): SchemaDifference {
  return { path, words: `${older} ${sides.older}, ${newer} ${sides.newer}` };
}

/** An array is a tuple of nothing but a rest. */
function listOf(shape: Shape): TupleShape | undefined {
  if (shape.kind === 'array') return { kind: 'tuple', elements: [], rest: shape.element };
  return shape.kind === 'tuple' ? shape : undefined;
}

function joined(all: readonly ShapeComparison[]): ShapeComparison {
  return { problems: all.flatMap(({ problems }) => problems), parts: all.flatMap(({ parts }) => parts) };
}
