import { InvariantViolation } from '@decoraft/base';
import type { Operation, Schema } from '@decoraft/protocol';
import { group, ifBroken, indent, join, type Layout, line, softLine } from './layout.js';

/** What is encoded: the arguments of an operation or of a service's method. */
export type ArgumentsOf = Pick<Operation, 'name' | 'parameters' | 'rest'>;

export type TupleSchema = Schema & { readonly kind: 'tuple' };

/** `0x0a1b2c3d` */
export function emitHash(hash: number): string {
  return `0x${hash.toString(16).padStart(8, '0')}`;
}

/** A last argument, which begins on the line of its call. */
export function emitHugged(open: '[' | '{', items: readonly Layout[], close: ']' | '}'): Layout {
  if (items.length === 0) return open + close;
  const padding = open === '{' ? line : softLine;
  return group(open, indent(padding, join([',', line], items)), ifBroken(','), padding, close);
}

/** The values of a union of nothing but literals; `undefined` for any other. */
export function literalsOf(options: readonly Schema[]): readonly unknown[] | undefined {
  const values = options.map((option) => {
    if (option.kind === 'literal') return { value: option.value };
    if (option.kind === 'null') return { value: null };
    return option.kind === 'void' ? { value: undefined } : undefined;
  });
  return values.every((value) => value !== undefined) ? values.map(({ value }) => value) : undefined;
}

/** Elements that are always there, those that may be, and what may follow. */
export function partsOfTuple<Part>(
  { elements, rest }: TupleSchema,
  emit: (element: Schema, at: number) => Part,
): { readonly required: readonly Part[]; readonly optional: readonly Part[]; readonly rest?: Part } {
  const parts = elements.map(({ optional, schema }, at) => ({ optional, part: emit(schema, at) }));
  return {
    required: parts.filter(({ optional }) => !optional).map(({ part }) => part),
    optional: parts.filter(({ optional }) => optional).map(({ part }) => part),
    ...(rest ? { rest: emit(rest, elements.length) } : {}),
  };
}

export function refuseUnknown(): never {
  throw new InvariantViolation('what has no type does not travel by position');
}
