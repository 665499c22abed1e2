import { stableHash } from '@decoraft/base';
import { schemaText } from '@decoraft/protocol';
import type { Finding } from '../problem.js';
import type { CurrentClass, Lock, LockedClass, LockedOperation, Superseded } from './lock.js';
import { matchClasses } from './matching.js';
import { typesOf, withOpaque } from './references.js';
import { isSameOperation } from './same.js';

/** What becomes of a lock, and what it knows better than the source. */
export interface LockUpdate {
  readonly lock: Lock;
  readonly findings: readonly Finding[];
}

/**
 * Brings a lock up to what the sources say. At the same version the lock follows the source: what it says may never have
 * left a laptop, and what was released is compared by `decoraft check`. Where the version is raised, what it says of the
 * version before is kept. A class whose file this run did not read stays as it is.
 *
 * @param isGone Whether nothing of a file is left that this run did not read.
 */
export function updateLock(
  lock: Lock,
  now: readonly CurrentClass[],
  isGone: (source: string) => boolean,
): LockUpdate {
  const pairs = matchClasses(lock.classes, now, isGone);
  const known = new Set(pairs.map(({ before }) => before));
  const unread = lock.classes.filter((each) => !known.has(each));
  const findings: Finding[] = [];
  const classes = pairs.flatMap(({ before, now: current }) => {
    if (!current) return [];
    findings.push(...(before ? findingsOf(before, current) : []));
    return [updateClass(before, current)];
  });
  return { lock: { classes: [...unread, ...classes] }, findings };
}

function updateClass(before: LockedClass | undefined, current: CurrentClass): LockedClass {
  const { kind, name, source, state, types, version } = current;
  const operations = current.operations.map((operation) => withNames(operation, before));
  const isRaised = before !== undefined && version > before.version;
  const superseded = isRaised ? supersededBy(before, current) : [];
  const history = [...(before?.history ?? []), ...superseded];
  return { kind, name, source, version, operations, state, types, history };
}

/** Its first name, and then those that the lock has seen. */
function withNames(operation: LockedOperation, before: LockedClass | undefined): LockedOperation {
  const was = before?.operations.find(({ id }) => id === operation.id);
  if (!was) return operation;
  const names = new Set([...operation.names, ...was.names, was.name]);
  names.delete(operation.name);
  return { ...operation, names: [...names] };
}

/** What a class was, as far as it is not that any more. */
function supersededBy(before: LockedClass, current: CurrentClass): readonly Superseded[] {
  const operations = before.operations.filter((was) => {
    const same = current.operations.find(({ id }) => id === was.id);
    return !same || !isSameOperation({ ...was, types: before.types }, { ...same, types: current.types });
  });
  const texts = new Map(current.state.fields.map(({ name, schema }) => [name, textOf(schema, current)]));
  const fields = before.state.fields.filter(({ name, schema }) => texts.get(name) !== textOf(schema, before));
  if (operations.length + fields.length === 0) return [];
  return [{ until: before.version, operations, fields, types: typesOf(operations, fields, before.types) }];
}

function textOf(schema: LockedClass['state']['fields'][number]['schema'], { types }: LockedClass): string {
  return schemaText(schema, withOpaque([schema], types));
}

/** What the source says and the lock knows better. */
function findingsOf(before: LockedClass, current: CurrentClass): readonly Finding[] {
  if (before.kind === 'service') return [];
  return [
    ...versionFindings(before, current),
    ...goneFindings(before, current),
    ...current.operations.flatMap((operation) => [
      ...nameFindings(operation, before, current),
      ...reuseFindings(operation, before, current),
    ]),
  ];
}

function versionFindings(before: LockedClass, { name, position, version }: CurrentClass): readonly Finding[] {
  if (version >= before.version) return [];
  return [
    {
      code: 'version-lowered',
      position,
      subject: name,
      message: `is version ${version} here, and was version ${before.version} in the lock`,
      remedy: `Write \`static override readonly version = ${before.version};\`. If ${before.version} was never released, take the lock back as well.`,
    },
  ];
}

function goneFindings(before: LockedClass, current: CurrentClass): readonly Finding[] {
  if (current.version <= before.version || current.previous !== undefined) return [];
  const ids = new Set(current.operations.map(({ id }) => id));
  return before.operations
    .filter(({ id, kind }) => kind !== 'qry' && !ids.has(id))
    .map(({ kind, name }) => ({
      code: 'operation-gone',
      position: current.position,
      subject: `${current.name}.${name}`,
      message: `was a @${kind} of version ${before.version}, and logs may hold it: version ${current.version} has nothing in its place`,
      remedy: `Keep it: \`@${kind}({ retired: true }) ${name}\`; or write \`{ was: '${name}' }\` where it goes by another name, or keep the old class in previous().`,
    }));
}

function nameFindings(
  operation: LockedOperation,
  before: LockedClass,
  current: CurrentClass,
): readonly Finding[] {
  const [first] = operation.names;
  const known = [...before.operations, ...before.history.flatMap(({ operations }) => operations)];
  if (first === undefined || known.some(({ id }) => id === operation.id)) return [];
  const subject = `${current.name}.${operation.name}`;
  const position = current.positions.get(operation.name) ?? current.position;
  const meant = known.find(({ name, names }) => name === first || names.includes(first));
  if (meant) {
    const oldest = meant.names.find((name) => stableHash(name) === meant.id) ?? meant.name;
    return [
      {
        code: 'was-not-first',
        position,
        subject,
        message: `was ${first}, but that was ${oldest} before: it is known by its first name`,
        remedy: `Write \`{ was: '${oldest}' }\`.`,
      },
    ];
  }
  return [
    {
      code: 'was-unknown',
      position,
      subject,
      message: `was ${first}, which no operation of ${before.name} in the lock was ever called`,
      remedy: `Write one of ${known.map(({ name }) => name).join(', ')}, or leave \`was\` out.`,
    },
  ];
}

function reuseFindings(
  operation: LockedOperation,
  before: LockedClass,
  current: CurrentClass,
): readonly Finding[] {
  const frozen = [
    ...before.history.flatMap(({ operations, until }) => operations.map((was) => ({ was, until }))),
    ...(current.version > before.version
      ? before.operations.map((was) => ({ was, until: before.version }))
      : []),
  ];
  const other = frozen.find(({ was }) => was.id === operation.id && was.kind !== operation.kind);
  if (!other) return [];
  return [
    {
      code: 'operation-reused',
      position: current.positions.get(operation.name) ?? current.position,
      subject: `${current.name}.${operation.name}`,
      message: `is a @${operation.kind}, but was the @${other.was.kind} ${other.was.name} up to version ${other.until}: logs and clients would take the one for the other`,
      remedy: 'Give the new one another name.',
    },
  ];
}
