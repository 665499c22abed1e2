import { describeSchema, expectationOf } from './describe-schema.js';
import { nearestOf } from './nearest-option.js';
import type { Schema } from './schema.js';
import {
  changeOf,
  type Part,
  type SchemaDifference,
  ShapeComparer,
  type Sides,
  VOID,
} from './shape-difference.js';
import type { Types } from './types.js';
import { optionsOf, type Shape } from './union-options.js';

/** A schema with the types that it refers to. */
export interface TypedSchema {
  readonly schema: Schema;
  readonly types: Types;
}

const BEFORE_AND_NOW: Sides = { older: 'before', newer: 'now' };
const TRUE_AND_FALSE: readonly Shape[] = [
  { kind: 'literal', value: false },
  { kind: 'literal', value: true },
];
/** How many properties of an object are taken apart by their options, to find it in several options of a union. */
const SPLITS_MAX = 2;

/**
 * Whether every value of `older` fits `newer`, as `checkValue` sees it, and where not; empty when all fit. Properties
 * that `older` does not name are taken for absent.
 *
 * It never misses a difference. It may find one where there is none, when some values of a type fit one option of a
 * union and the others another one: that is looked for in objects only, over two of their properties.
 *
 * @param sides How `older` and `newer` are called in the words: `before` and `now` unless told.
 */
export function differencesOf(
  older: TypedSchema,
  newer: TypedSchema,
  sides: Sides = BEFORE_AND_NOW,
): readonly SchemaDifference[] {
  const comparison = new Comparison(older.types, newer.types, sides);
  const isFit = comparison.fits(older.schema, newer.schema);
  return isFit ? [] : comparison.explain({ path: '', older: older.schema, newer: newer.schema });
}

/** A difference as one reads it: `.ttl: optional before, required now`. */
export function describeDifference({ path, words }: SchemaDifference): string {
  return path === '' ? words : `${path}: ${words}`;
}

class Comparison {
  readonly #olderTypes: Types;
  readonly #newerTypes: Types;
  readonly #sides: Sides;
  readonly #comparer: ShapeComparer;
  readonly #numbers = new Map<Schema, number>();
  /** Pairs that fit if nothing speaks against it: a recursive type fits where it comes back to itself (coinduction). */
  readonly #assumed = new Set<string>();
  readonly #refuted = new Set<string>();
  readonly #explained = new Set<string>();

  constructor(olderTypes: Types, newerTypes: Types, sides: Sides) {
    this.#olderTypes = olderTypes;
    this.#newerTypes = newerTypes;
    this.#sides = sides;
    this.#comparer = new ShapeComparer(sides, (newer) =>
      optionsOf(newer, newerTypes).some(({ kind }) => kind === 'void' || kind === 'unknown'),
    );
  }

  fits(older: Schema, newer: Schema): boolean {
    const pair = this.#pairOf(older, newer);
    if (this.#assumed.has(pair)) return true;
    if (this.#refuted.has(pair)) return false;
    const known = this.#assumed.size;
    this.#assumed.add(pair);
    const options = optionsOf(newer, this.#newerTypes);
    if (this.#shapesOf(older, options).every((shape) => this.#fitsOneOf(shape, options))) return true;
    // What was found to fit meanwhile may have counted on this pair.
    for (const assumed of [...this.#assumed].slice(known)) this.#assumed.delete(assumed);
    this.#refuted.add(pair);
    return false;
  }

  /** Why a pair does not fit. Each is explained once, where it is met first. */
  explain({ path, older, newer }: Part): readonly SchemaDifference[] {
    const pair = this.#pairOf(older, newer);
    if (this.#explained.has(pair)) return [];
    this.#explained.add(pair);
    const options = optionsOf(newer, this.#newerTypes);
    const shapes = this.#shapesOf(older, options);
    return shapes
      .filter((shape) => !this.#fitsOneOf(shape, options))
      .flatMap((shape) => {
        const near = this.#nearestOf(shape, shapes, options);
        if (near) return this.#explainShapes(shape, near, path);
        if (shapes.length > 1 || shape.kind === 'object') return [this.#optionGone(shape, path)];
        return [changeOf(path, expectationOf(shape), expectationOf({ kind: 'union', options }), this.#sides)];
      });
  }

  #explainShapes(older: Shape, newer: Shape, path: string): readonly SchemaDifference[] {
    const { problems, parts } = this.#comparer.compare(older, newer, path);
    const wrong = parts.filter((part) => !this.fits(part.older, part.newer));
    return [...problems, ...wrong.flatMap((part) => this.explain(part))];
  }

  /** What the shape is to be compared with, to tell what differs. */
  #nearestOf(shape: Shape, shapes: readonly Shape[], options: readonly Shape[]): Shape | undefined {
    if (shapes.length === 1 && options.length === 1) return options[0];
    return nearestOf(shape, options, { older: this.#olderTypes, newer: this.#newerTypes });
  }

  #optionGone(shape: Shape, path: string): SchemaDifference {
    return { path, words: `may be ${describeSchema(shape)} ${this.#sides.older}, not ${this.#sides.newer}` };
  }

  /** The options of the older side. `boolean` is two of them where the other side may know the one and not the other. */
  #shapesOf(older: Schema, options: readonly Shape[]): readonly Shape[] {
    const shapes = optionsOf(older, this.#olderTypes);
    if (options.length < 2 || options.some(({ kind }) => kind === 'boolean')) return shapes;
    return shapes.flatMap((shape) => (shape.kind === 'boolean' ? TRUE_AND_FALSE : [shape]));
  }

  #fitsOneOf(shape: Shape, options: readonly Shape[], splits = SPLITS_MAX): boolean {
    if (options.some((option) => this.#fitsShape(shape, option))) return true;
    if (shape.kind !== 'object' || options.length < 2 || splits === 0) return false;
    return this.#variantsOf(shape).some((variants) =>
      variants.every((variant) => this.#fitsOneOf(variant, options, splits - 1)),
    );
  }

  #fitsShape(older: Shape, newer: Shape): boolean {
    const { problems, parts } = this.#comparer.compare(older, newer, '');
    return problems.length === 0 && parts.every((part) => this.fits(part.older, part.newer));
  }

  /** An object with a property of several options is, for each such property, several objects. */
  #variantsOf(shape: Shape & { readonly kind: 'object' }): readonly (readonly Shape[])[] {
    return shape.properties.flatMap((property) => {
      const options = optionsOf(property.schema, this.#olderTypes).flatMap((option) =>
        option.kind === 'boolean' ? TRUE_AND_FALSE : [option],
      );
      const values = property.optional ? [...options, VOID] : options;
      return values.length < 2 ? [] : [values.map((value) => withProperty(shape, property.name, value))];
    });
  }

  #pairOf(older: Schema, newer: Schema): string {
    return `${this.#numberOf(older)}:${this.#numberOf(newer)}`;
  }

  #numberOf(schema: Schema): number {
    const number = this.#numbers.get(schema) ?? this.#numbers.size;
    this.#numbers.set(schema, number);
    return number;
  }
}

function withProperty(
  shape: Shape & { readonly kind: 'object' },
  name: string,
  schema: Schema,
): Shape & { readonly kind: 'object' } {
  const others = shape.properties.filter((property) => property.name !== name);
  return { kind: 'object', properties: [...others, { name, schema, optional: false }] };
}
