import type { TypeModel } from './type-model.js';

/** A union without unions in it, and without one option twice. */
export function unionOf(options: readonly TypeModel[]): TypeModel {
  const flat = options.flatMap((option) => (option.kind === 'union' ? option.options : [option]));
  const unique = new Map(flat.map((option) => [keyOfType(option), option]));
  const [only, ...others] = unique.values();
  return only && others.length === 0 ? only : { kind: 'union', options: [...unique.values()] };
}

/** A type without the `undefined` that the compiler adds to what may be left out. */
export function withoutUndefined(type: TypeModel): TypeModel {
  if (type.kind !== 'union') return type;
  return unionOf(type.options.filter((option) => option.kind !== 'primitive' || option.name !== 'undefined'));
}

/** The same text for the same model. */
export function keyOfType(type: TypeModel): string {
  return JSON.stringify(type, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
