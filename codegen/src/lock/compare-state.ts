import { compareText } from '@decoraft/base';
import { describeDifference, differencesOf, schemaText } from '@decoraft/protocol';
import type { CurrentClass, LockedClass, LockedField } from './lock.js';
import { withOpaque } from './references.js';
import { type Change, changeBy } from './rules.js';
import { typeText } from './type-text.js';

/** What has become of the state of one class while its version stayed. */
export function compareState(before: LockedClass, now: CurrentClass): readonly Change[] {
  if (before.state.isOwn) return now.state.isOwn ? [] : [changeBy('snapshot-gone', now.name, {})];
  if (now.state.isOwn) return [changeBy('snapshot-own', now.name, {})];
  const fields = new Map(now.state.fields.map((field) => [field.name, field]));
  const known = new Set(before.state.fields.map(({ name }) => name));
  const kept = before.state.fields.flatMap((was) => {
    const is = fields.get(was.name);
    return is ? compareField(before, was, now, is) : [removed(now, was)];
  });
  const added = now.state.fields.filter(({ name }) => !known.has(name));
  return [
    ...kept,
    ...added.map((field) => {
      const rule = now.declared.has(field.name) ? 'field-declared' : 'field-added';
      return changeBy(rule, `${now.name}.${field.name}`, { after: describe(field) });
    }),
    ...compareOrder(before, now),
  ];
}

/** Whether a state of `before` is one of `now` as well, if what is new begins with what the constructor gives it. */
export function carriesOver(before: LockedClass, now: CurrentClass): boolean {
  return compareState(before, now).every(({ rule }) => rule !== 'field-changed' && rule !== 'snapshot-gone');
}

function removed(now: CurrentClass, was: LockedField): Change {
  const details = now.derived.has(was.name) ? ['it is computed from others now, and no state'] : [];
  return changeBy('field-removed', `${now.name}.${was.name}`, { before: describe(was), details });
}

function compareField(
  before: LockedClass,
  was: LockedField,
  now: CurrentClass,
  is: LockedField,
): readonly Change[] {
  const older = { schema: was.schema, types: withOpaque([was.schema], before.types) };
  const newer = { schema: is.schema, types: withOpaque([is.schema], now.types) };
  if (schemaText(older.schema, older.types) === schemaText(newer.schema, newer.types)) return [];
  const details = differencesOf(older, newer).map(describeDifference);
  const rule = details.length > 0 ? 'field-changed' : 'field-widened';
  return [changeBy(rule, `${now.name}.${is.name}`, { before: describe(was), after: describe(is), details })];
}

/** New fields may stand anywhere: they are told of for themselves. */
function compareOrder(before: LockedClass, now: CurrentClass): readonly Change[] {
  const namesBefore = before.state.fields.map(({ name }) => name);
  const names = now.state.fields.map(({ name }) => name);
  const older = namesBefore.filter((name) => names.includes(name));
  const newer = names.filter((name) => namesBefore.includes(name));
  if (compareText(older.join(), newer.join()) === 0) return [];
  return [changeBy('fields-reordered', now.name, { before: older.join(', '), after: newer.join(', ') })];
}

function describe({ name, schema }: LockedField): string {
  return `${name}: ${typeText(schema)}`;
}
