import type { StateMachine } from '../machine.js';
import { decodeState } from './decoder.js';
import { encodeState } from './encoder.js';

/** The fields of a machine that are computed from the others. */
export interface DerivedFields {
  readonly names: ReadonlySet<string>;
  /** What the constructor put into those of them that hold data: an object by their names, encoded. */
  readonly initial: Uint8Array;
}

type Fields = Record<string, unknown>;

export const NO_DERIVED_FIELDS: DerivedFields = { names: new Set(), initial: encodeState({}, 'nothing') };

/** Remembers what a machine's derived fields are, before anything was put into them. */
export function readDerived(instance: StateMachine, names: readonly string[]): DerivedFields {
  const fields = instance as unknown as Readonly<Fields>;
  const data: Fields = {};
  for (const name of names)
    if (Object.hasOwn(instance, name) && isData(fields[name])) data[name] = fields[name];
  // Together, so that what they share they share afterwards. Two that show the same memory cannot be kept together.
  const initial = isData(data) ? encodeState(data, 'derived') : NO_DERIVED_FIELDS.initial;
  return { names: new Set(names), initial };
}

/** Gives derived fields what they began with, for `restored()` to fill. */
export function resetDerived(instance: StateMachine, { names, initial }: DerivedFields): void {
  if (names.size > 0) Object.assign(instance, decodeState(initial));
}

/** Anything may stand in a derived field: whether it can be kept is asked, not demanded. */
function isData(value: unknown): boolean {
  try {
    encodeState(value, 'derived');
    return true;
  } catch {
    return false;
  }
}
