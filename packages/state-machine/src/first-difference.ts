import { describeStep, type Step } from './state/path.js';

/** Where two values that should be equal are not, and what stands there, in few words. */
export interface Difference {
  /** The way to it, as a programmer writes it: `.items.get("a")[2]`; empty for the values themselves. */
  readonly path: string;
  readonly first: string;
  readonly second: string;
}

const SHOWN_LENGTH = 80;

/**
 * The first place at which two values differ, in the order in which a snapshot would hold them; `undefined` where there
 * is none. Values are data, as the state of a machine is. It does not see who refers to whom.
 */
export function firstDifference(first: unknown, second: unknown): Difference | undefined {
  return differenceAt(first, second, '', new Map());
}

function differenceAt(
  first: unknown,
  second: unknown,
  path: string,
  known: Map<object, unknown>,
): Difference | undefined {
  if (Object.is(first, second)) return undefined;
  const differ = { path, first: shown(first), second: shown(second) };
  if (typeof first !== 'object' || typeof second !== 'object' || !first || !second) return differ;
  if (Object.getPrototypeOf(first) !== Object.getPrototypeOf(second)) return differ;
  if (known.get(first) === second) return undefined;
  known.set(first, second);
  if (first instanceof Date) return first.getTime() === (second as Date).getTime() ? undefined : differ;
  const [ours, theirs] = [partsOf(first), partsOf(second)];
  for (const [at, [step, part]] of ours.entries()) {
    const other = theirs[at];
    if (other?.[0] !== step) return differ;
    const found = differenceAt(part, other[1], path + describeStep(first, step), known);
    if (found) return found;
  }
  return ours.length === theirs.length ? undefined : differ;
}

/** What an object holds, each at its place; of a map, keys and values in turn. */
function partsOf(value: object): readonly (readonly [Step, unknown])[] {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].flat().map((part, at) => [at, part]);
  if (value instanceof Set) return [...(value as Set<unknown>)].map((part, at) => [at, part]);
  if (value instanceof ArrayBuffer) return partsOf(new Uint8Array(value));
  if (Array.isArray(value)) return value.map((part: unknown, at) => [at, part]);
  return Object.entries(value);
}

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Map) return `Map(${value.size}) ${listed([...(value as Map<unknown, unknown>)])}`;
  if (value instanceof Set) return `Set(${value.size}) ${listed([...(value as Set<unknown>)])}`;
  return typeof value === 'object' && value !== null
    ? listed(value)
    : (JSON.stringify(value) ?? String(value));
}

function listed(value: object): string {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
  } catch {
    return 'an object that holds itself';
  }
}
