import { unreachable } from '@decoraft/base';
import type { PropertySchema, Schema } from '@decoraft/protocol';
import fc, { type Arbitrary } from 'fast-check';

type Types = Readonly<Record<string, Schema>>;

/** Lists within a value are short: what is looked for is in the shape, not in the size. */
const SIZE = 3;

/** How many names deep a value may go; one whose type needs more goes as deep as that. */
const DEPTH = 3;

/** Values that fit a schema; of types that contain themselves, such as come to an end. */
export function arbitraryOf(schema: Schema, types: Types): Arbitrary<unknown> {
  const values = new Values(types);
  return values.of(schema, Math.max(DEPTH, values.leastDepthOf(schema)));
}

/** Values of a call's arguments. */
export function argumentsOf(
  operation: { readonly parameters: readonly Place[]; readonly rest?: Place },
  types: Types,
): Arbitrary<unknown[]> {
  const of = (schema: Schema): Arbitrary<unknown> => arbitraryOf(schema, types);
  return listOf(operation.parameters, operation.rest?.schema, of);
}

interface Place {
  readonly schema: Schema;
  readonly optional: boolean;
}

class Values {
  readonly #types: Types;
  readonly #known = new Map<string, Arbitrary<unknown>>();

  constructor(types: Types) {
    this.#types = types;
  }

  /** @param depth How many names deep it may go; at least as many as the schema needs. */
  of(schema: Schema, depth: number): Arbitrary<unknown> {
    const of = (inner: Schema): Arbitrary<unknown> => this.of(inner, depth);
    const size = (...inner: readonly Schema[]) => ({
      maxLength: inner.every((each) => this.leastDepthOf(each) <= depth) ? SIZE : 0,
    });
    switch (schema.kind) {
      case 'void':
        return fc.constant(undefined);
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'number':
        return fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 2 ** 31, 2 ** 32, -(2 ** 53), NaN));
      case 'bigint':
        return fc.bigInt();
      case 'string':
        return fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '__proto__', 'constructor', '\0'));
      case 'date':
        return fc.date({ noInvalidDate: true });
      case 'bytes':
        return fc.uint8Array({ maxLength: 40 });
      case 'unknown':
        return fc.jsonValue({ maxDepth: 2 });
      case 'literal':
        return fc.constant(schema.value);
      case 'array':
        return size(schema.element).maxLength === 0
          ? fc.constant([])
          : fc.array(of(schema.element), size(schema.element));
      case 'set':
        return size(schema.element).maxLength === 0
          ? fc.constant(new Set())
          : fc.array(of(schema.element), size(schema.element)).map((items) => new Set(items));
      case 'map':
        return size(schema.key, schema.value).maxLength === 0
          ? fc.constant(new Map())
          : fc
              .array(fc.tuple(of(schema.key), of(schema.value)), { maxLength: SIZE })
              .map((all) => new Map(all));
      case 'record':
        return size(schema.value).maxLength === 0
          ? fc.constant({})
          : fc.dictionary(fc.string(), of(schema.value), { maxKeys: SIZE, noNullPrototype: true });
      case 'tuple':
        return listOf(this.#within(schema.elements, depth), schema.rest, of);
      case 'object':
        return objectOf(this.#within(schema.properties, depth), of);
      case 'union':
        return fc.oneof(
          ...schema.options
            .filter((option) => this.leastDepthOf(option) <= depth)
            .map((option) => of(option)),
        );
      case 'reference':
        return this.#named(schema.name, depth - 1);
      default:
        return unreachable(schema);
    }
  }

  /** How many names a value of the schema passes at least; no end where it has none. */
  leastDepthOf(schema: Schema, passed: readonly string[] = []): number {
    const depthOf = (inner: Schema): number => this.leastDepthOf(inner, passed);
    const required = (places: readonly Place[]): number =>
      Math.max(0, ...places.filter(({ optional }) => !optional).map((place) => depthOf(place.schema)));
    if (schema.kind === 'tuple') return required(schema.elements);
    if (schema.kind === 'object') return required(schema.properties);
    if (schema.kind === 'union') return Math.min(...schema.options.map(depthOf));
    if (schema.kind !== 'reference') return 0;
    const type = this.#types[schema.name];
    if (!type || passed.includes(schema.name)) return Infinity;
    return 1 + this.leastDepthOf(type, [...passed, schema.name]);
  }

  /** What may be left out is, where there is no depth for it. */
  #within<Each extends Place>(places: readonly Each[], depth: number): readonly Each[] {
    return places.filter(({ schema, optional }) => !optional || this.leastDepthOf(schema) <= depth);
  }

  #named(name: string, depth: number): Arbitrary<unknown> {
    const key = `${depth} ${name}`;
    const type = this.#types[name];
    if (!type) throw new Error(`no type ${name}`);
    const known = this.#known.get(key) ?? this.of(type, depth);
    this.#known.set(key, known);
    return known;
  }
}

function objectOf(
  properties: readonly PropertySchema[],
  of: (schema: Schema) => Arbitrary<unknown>,
): Arbitrary<unknown> {
  const values = properties.map(({ name, schema, optional }) => {
    const value = of(schema).map((held) => [[name, held]] as const);
    return optional ? fc.oneof(fc.constant([]), value) : value;
  });
  return fc.tuple(...values).map((entries) => Object.fromEntries(entries.flat()) as unknown);
}

/** Places of their own, the optional ones left out from some on, and what may follow them all. */
function listOf(
  places: readonly Place[],
  rest: Schema | undefined,
  of: (schema: Schema) => Arbitrary<unknown>,
): Arbitrary<unknown[]> {
  const required = places.findLastIndex(({ optional }) => !optional) + 1;
  const all = fc.tuple(...places.map(({ schema }) => of(schema)));
  const more = rest ? fc.array(of(rest), { maxLength: SIZE }) : fc.constant([]);
  const counts = fc.integer({ min: required, max: places.length });
  return fc
    .tuple(all, more, counts)
    .map(([given, others, count]) => (others.length > 0 ? [...given, ...others] : given.slice(0, count)));
}
