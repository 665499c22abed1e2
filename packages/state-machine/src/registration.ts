import {
  DecoraftError,
  type MachineId,
  machineId,
  type Operation,
  operationId,
  type OperationTable,
  type Schema,
} from '@decoraft/protocol';
import { type Tag, tagsOf } from './decorators.js';
import { isEvent } from './event.js';
import type { StateMachine } from './machine.js';
import { indexOperations, operationsOf } from './operations.js';
import { privateFieldsOf } from './private-fields.js';
import { type DerivedFields, NO_DERIVED_FIELDS, readDerived } from './state/derived-fields.js';
import { encodeMachine } from './state/machine-state.js';
import { versionsOf } from './versions.js';

/** A machine that was found to be sound, with all that is needed to call it. */
export interface RegisteredMachine {
  readonly id: MachineId;
  /** The name under which it is registered. */
  readonly name: string;
  readonly instance: StateMachine;
  /** Of its class: see `StateMachine.version`. */
  readonly version: number;
  /** What the generator has read from its class. */
  readonly table: OperationTable;
  readonly operations: ReadonlyMap<number, Operation>;
  readonly types: Readonly<Record<string, Schema>>;
  /** What is computed from its state, and so no part of it. */
  readonly derived: DerivedFields;
  /**
   * Its state when it was registered, encoded: what it goes back to when an image has no part for it. A promise where
   * its `snapshot()` waits.
   */
  readonly initial: Uint8Array | Promise<Uint8Array>;
}

/**
 * Checks a machine before it may serve: every mistake that types and generator can be made to miss is found
 * here, at the start of a node, and named by class and member.
 *
 * @throws DecoraftError `InvalidArgument`
 */
export function inspectMachine(name: string, instance: StateMachine): RegisteredMachine {
  const className = instance.constructor.name;
  const tags = uniqueTags(className, tagsOf(instance));
  for (const tag of tags.values()) checkMember(className, tag, instance);
  refuseStrayEvents(className, tags, instance);
  const table = operationsOf(instance);
  refuseStaleTable(className, tags, table.operations);
  checkHooks(className, tags, instance);
  checkState(className, tags, instance);
  const names = [...tags.values()].filter(({ kind }) => kind === 'derived').map(({ member }) => member);
  const derived = names.length === 0 ? NO_DERIVED_FIELDS : readDerived(instance, names);
  const initial = encodeMachine({ name, instance, derived });
  // Whoever needs it is told what is wrong with it.
  if (initial instanceof Promise) initial.catch(() => undefined);
  const operations = indexOperations(table);
  const { version } = versionsOf(instance);
  return {
    id: machineId(name),
    name,
    instance,
    version,
    table,
    derived,
    operations,
    types: table.types,
    initial,
  };
}

/** One member has one kind; a subclass may decorate its override again, but only alike. */
function uniqueTags(className: string, classes: readonly (readonly Tag[])[]): ReadonlyMap<string, Tag> {
  const unique = new Map<string, Tag>();
  for (const tags of classes) {
    const here = new Set<string>();
    for (const tag of tags) {
      const nearer = unique.get(tag.member);
      if (nearer && (here.has(tag.member) || nearer.kind !== tag.kind)) {
        throw mistake(className, tag.member, `is decorated twice: @${nearer.kind} and @${tag.kind}`);
      }
      here.add(tag.member);
      // What an override does not say, it has from what it overrides.
      unique.set(tag.member, { ...tag, ...nearer });
    }
  }
  return unique;
}

function checkMember(className: string, { kind, member }: Tag, instance: StateMachine): void {
  const value = (instance as unknown as Record<string, unknown>)[member];
  if (kind === 'rpc') {
    throw mistake(
      className,
      member,
      'is decorated with @rpc, which is for services: a machine has @cmd and @qry',
    );
  }
  if (kind === 'sub') {
    if (!isEvent(value)) {
      throw mistake(className, member, 'is decorated with @sub but holds no event<…>()');
    }
    return;
  }
  if (kind === 'derived') {
    if (!(member in (Object.getPrototypeOf(instance) as object))) return;
    throw mistake(className, member, 'is decorated with @derived but is no field');
  }
  if (typeof value !== 'function')
    throw mistake(className, member, `is decorated with @${kind} but no method`);
  if (isAsync(value)) {
    throw mistake(
      className,
      member,
      `is async: a @${kind} must be synchronous; do the waiting before the call, in the client`,
    );
  }
}

function isAsync(method: object): boolean {
  return ['AsyncFunction', 'AsyncGeneratorFunction', 'GeneratorFunction'].includes(method.constructor.name);
}

type Hook = 'snapshot' | 'restore' | 'restored' | 'sessionEnded' | 'previous' | 'migrate';

/** What the functions of JavaScript are called, of which a hook may be one. */
const FORMS: Readonly<Record<Hook, readonly string[]>> = {
  snapshot: ['Function', 'GeneratorFunction', 'AsyncGeneratorFunction'],
  restore: ['Function', 'AsyncFunction'],
  restored: ['Function'],
  sessionEnded: ['Function'],
  previous: ['Function'],
  migrate: ['Function'],
};

const WRONG_FORM = {
  snapshot: 'is async: it must be synchronous, or a generator that yields the state in chunks',
  restore: 'is a generator: it takes chunks, it gives none',
  restored: 'is async: it must be synchronous',
  sessionEnded: 'is async: it must be synchronous',
  previous: 'is async: it must be synchronous',
  migrate: 'is async: it must be synchronous',
} as const;

/** Who calls it. */
const CALLER = {
  snapshot: 'snapshots call',
  restore: 'snapshots call',
  restored: 'snapshots call',
  sessionEnded: 'the end of a session calls',
  previous: 'a change of versions calls',
  migrate: 'a change of versions calls',
} as const;

/** Called by Decoraft and by nobody else; `snapshot` and `restore` are two halves. */
function checkHooks(className: string, tags: ReadonlyMap<string, Tag>, instance: StateMachine): void {
  for (const hook of Object.keys(FORMS) as readonly Hook[]) {
    const method: unknown = instance[hook];
    const tag = tags.get(hook);
    if (tag) throw mistake(className, hook, `is what ${CALLER[hook]}: a @${tag.kind} needs another name`);
    if (method !== undefined && typeof method !== 'function') {
      throw mistake(className, hook, `is what ${CALLER[hook]}, but no method`);
    }
    if (typeof method === 'function' && !FORMS[hook].includes(method.constructor.name)) {
      throw mistake(className, hook, WRONG_FORM[hook]);
    }
  }
  if (instance.snapshot && !instance.restore) throw mistake(className, 'snapshot', 'needs a restore as well');
  if (instance.restore && !instance.snapshot) throw mistake(className, 'restore', 'needs a snapshot as well');
  if (instance.migrate && !instance.previous) {
    throw mistake(
      className,
      'migrate',
      'needs a previous() as well, which gives the class whose state it takes',
    );
  }
}

/** What no snapshot could see, and what nobody would rebuild. A class that snapshots itself knows what it does. */
function checkState(className: string, tags: ReadonlyMap<string, Tag>, instance: StateMachine): void {
  if (instance.snapshot) return;
  const [hidden] = privateFieldsOf(instance).filter((field) => tags.get(field)?.kind !== 'derived');
  if (hidden !== undefined) {
    const remedy = `write \`private ${hidden.slice(1)}\`, or mark it with @derived and rebuild it in restored()`;
    throw mistake(className, hidden, `would be in no snapshot: ${remedy}`);
  }
  const derived = [...tags.values()].find(({ kind }) => kind === 'derived');
  if (!derived || instance.restored) return;
  throw mistake(className, derived.member, 'is derived, but the class has no restored() that rebuilds it');
}

function refuseStrayEvents(className: string, tags: ReadonlyMap<string, Tag>, instance: StateMachine): void {
  for (const [member, value] of Object.entries(instance)) {
    if (isEvent(value) && tags.get(member)?.kind !== 'sub') {
      throw mistake(className, member, 'holds an event but is not decorated with @sub');
    }
  }
}

function refuseStaleTable(
  className: string,
  tags: ReadonlyMap<string, Tag>,
  operations: readonly Operation[],
): void {
  const generated = new Map(operations.map((operation) => [operation.name, operation]));
  for (const tag of tags.values()) {
    const stale = tag.kind === 'derived' ? undefined : stalenessOf(tag, generated.get(tag.member));
    if (stale) throw mistake(className, tag.member, `${stale}: run \`decoraft generate\``);
  }
  for (const { name } of operations) {
    if ((tags.get(name) ?? { kind: 'derived' }).kind === 'derived') {
      throw mistake(className, name, 'is in the generated table but not decorated: run `decoraft generate`');
    }
  }
}

/** What a decorator says and the generated table does not. */
function stalenessOf(
  { kind, member, retired = false, was = member }: Tag,
  operation: Operation | undefined,
): string | undefined {
  if (operation?.kind !== kind) return `is @${kind} here but not in the generated table`;
  if (operation.id !== operationId(was)) return `has not the id of ${was} in the generated table`;
  if ((operation.retired ?? false) === retired) return undefined;
  return retired
    ? 'is retired here but not in the generated table'
    : 'is retired in the generated table but not here';
}

function mistake(className: string, member: string, what: string): DecoraftError {
  return new DecoraftError('InvalidArgument', `${className}.${member} ${what}`);
}
