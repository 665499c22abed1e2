import { compareText } from '@decoraft/base';
import type { Schema } from '@decoraft/protocol';
import type { Lock, LockedClass, LockedField, LockedOperation, Superseded } from './lock.js';
import { signatureText, typeText } from './type-text.js';

/** Raised when the shape of the file changes. */
export const LOCK_FORMAT = 1;

const NOTE =
  'Written by `decoraft generate`. Commit it: `decoraft check` compares it with what was released.';

/**
 * The text of a lock: JSON with one line for each operation, field and type. Operations and fields stand as in the source, the
 * latter because snapshots have them in that order; all else by name.
 */
export function lockText(lock: Lock): string {
  const classes = lock.classes.toSorted(
    (left, right) => compareText(left.name, right.name) || compareText(left.source, right.source),
  );
  const blocks = [
    `"format": ${LOCK_FORMAT}`,
    `"note": ${JSON.stringify(NOTE)}`,
    `"classes": ${bracketed('[', classes.map(classText), ']', 1)}`,
  ];
  return `${bracketed('{', blocks, '}', 0)}\n`;
}

function classText({ history, kind, name, operations, source, state, types, version }: LockedClass): string {
  const isMachine = kind === 'machine';
  const lines = [
    `${JSON.stringify(kind)}: ${JSON.stringify(name)}`,
    `"source": ${JSON.stringify(source)}`,
    ...(isMachine ? [`"version": ${version}`] : []),
    `"operations": ${operationsText(operations, 3)}`,
    ...(isMachine ? [`"state": ${state.isOwn ? '"own"' : fieldsText(state.fields, 3)}`] : []),
    ...typesText(types, 3),
    ...(history.length > 0 ? [`"history": ${bracketed('[', history.map(supersededText), ']', 3)}`] : []),
  ];
  return bracketed('{', lines, '}', 2);
}

function supersededText({ fields, operations, types, until }: Superseded): string {
  const lines = [
    `"until": ${until}`,
    ...(operations.length > 0 ? [`"operations": ${operationsText(operations, 5)}`] : []),
    ...(fields.length > 0 ? [`"state": ${fieldsText(fields, 5)}`] : []),
    ...typesText(types, 5),
  ];
  return bracketed('{', lines, '}', 4);
}

function operationsText(operations: readonly LockedOperation[], depth: number): string {
  const lines = operations.map((operation) => {
    const { id, isRetired, kind, names } = operation;
    const parts = [
      `"id": ${id}`,
      `"kind": ${JSON.stringify(kind)}`,
      `"signature": ${JSON.stringify(signatureText(operation))}`,
      ...(names.length > 0 ? [`"was": [${names.map((name) => JSON.stringify(name)).join(', ')}]`] : []),
      ...(isRetired ? ['"retired": true'] : []),
    ];
    return `{ ${parts.join(', ')} }`;
  });
  return bracketed('[', lines, ']', depth);
}

function fieldsText(fields: readonly LockedField[], depth: number): string {
  const lines = fields.map(
    ({ name, schema }) => `${JSON.stringify(name)}: ${JSON.stringify(typeText(schema))}`,
  );
  return bracketed('{', lines, '}', depth);
}

function typesText(types: Readonly<Record<string, Schema>>, depth: number): readonly string[] {
  const sorted = Object.entries(types).toSorted(([left], [right]) => compareText(left, right));
  if (sorted.length === 0) return [];
  const lines = sorted.map(
    ([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(typeText(schema))}`,
  );
  return [`"types": ${bracketed('{', lines, '}', depth)}`];
}

/** Each item on a line of its own; of nothing, one line. @param depth Of the line that it begins on. */
function bracketed(open: string, items: readonly string[], close: string, depth: number): string {
  if (items.length === 0) return `${open}${close}`;
  const inner = '  '.repeat(depth + 1);
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
