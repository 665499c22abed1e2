import { messageOf } from '@decoraft/base';
import type { Schema } from '@decoraft/protocol';
import type { Lock, LockedClass, LockedField, LockedOperation, Superseded } from './lock.js';
import { LOCK_FORMAT } from './lock-text.js';
import { LockSyntaxError, readSignature, readType } from './type-reader.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * What a lock says.
 *
 * @throws LockSyntaxError that says what in it cannot be read: marks of a merge, a later format, a type that is none.
 */
export function readLock(text: string): Lock {
  const lock = objectOf(parse(text), 'all of it');
  if (lock.format !== LOCK_FORMAT) {
    throw new LockSyntaxError(`has format ${String(lock.format)}, and this Decoraft reads ${LOCK_FORMAT}`);
  }
  return { classes: listOf(lock.classes, 'classes').map(readClass) };
}

function parse(text: string): unknown {
  if (/^(?:<{7}|>{7}) /m.test(text)) throw new LockSyntaxError('has marks of a merge in it');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new LockSyntaxError(`is no JSON: ${messageOf(cause)}`, { cause });
  }
}

function readClass(value: unknown): LockedClass {
  const json = objectOf(value, 'a class');
  const kind = json.machine === undefined ? 'service' : 'machine';
  const isOwn = json.state === 'own';
  return {
    kind,
    name: textOf(json[kind], kind),
    source: textOf(json.source, 'source'),
    version: kind === 'machine' ? countOf(json.version, 'version') : 1,
    operations: listOf(json.operations, 'operations').map(readOperation),
    state: { isOwn, fields: isOwn || kind === 'service' ? [] : readFields(json.state) },
    types: readTypes(json.types),
    history: json.history === undefined ? [] : listOf(json.history, 'history').map(readSuperseded),
  };
}

function readSuperseded(value: unknown): Superseded {
  const json = objectOf(value, 'history');
  return {
    until: countOf(json.until, 'until'),
    operations: json.operations === undefined ? [] : listOf(json.operations, 'operations').map(readOperation),
    fields: json.state === undefined ? [] : readFields(json.state),
    types: readTypes(json.types),
  };
}

const KINDS: ReadonlySet<string> = new Set<LockedOperation['kind']>([
  'cmd',
  'qry',
  'sub',
  'unary',
  'stream',
  'client-stream',
  'bidirectional-stream',
]);

function readOperation(value: unknown): LockedOperation {
  const json = objectOf(value, 'an operation');
  const kind = textOf(json.kind, 'kind');
  if (!KINDS.has(kind)) throw new LockSyntaxError(`has an operation of kind ${kind}`);
  return {
    id: countOf(json.id, 'id'),
    kind: kind as LockedOperation['kind'],
    ...readSignature(textOf(json.signature, 'signature')),
    names: json.was === undefined ? [] : listOf(json.was, 'was').map((name) => textOf(name, 'was')),
    isRetired: json.retired === true,
  };
}

function readFields(value: unknown): readonly LockedField[] {
  return Object.entries(objectOf(value, 'state')).map(([name, type]) => ({
    name,
    schema: readType(textOf(type, name)),
  }));
}

function readTypes(value: unknown): Readonly<Record<string, Schema>> {
  if (value === undefined) return {};
  const types = Object.entries(objectOf(value, 'types'));
  return Object.fromEntries(types.map(([name, type]) => [name, readType(textOf(type, name))]));
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new LockSyntaxError(`is not as \`decoraft generate\` writes it: ${what} should be an object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new LockSyntaxError(`is not as \`decoraft generate\` writes it: ${what} should be a list`);
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new LockSyntaxError(`is not as \`decoraft generate\` writes it: ${what} should be a text`);
}

function countOf(value: unknown, what: string): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw new LockSyntaxError(`is not as \`decoraft generate\` writes it: ${what} should be a whole number`);
}
