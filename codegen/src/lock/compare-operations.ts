import { argumentDifferences, describeDifference, resultDifferences } from '@decoraft/protocol';
import { type Change, changeBy, type Rule } from './rules.js';
import type { LockedClass, LockedOperation } from './lock.js';
import { isSameShape, type TypedOperation } from './same.js';
import { signatureText } from './type-text.js';

/** What has become of the operations of one class, by the rules. */
export function compareOperations(before: LockedClass, now: LockedClass): readonly Change[] {
  const isGone = (was: LockedOperation): boolean => now.operations.every(({ id }) => id !== was.id);
  const isNew = (is: LockedOperation): boolean => before.operations.every(({ id }) => id !== is.id);
  const added = now.operations.filter(isNew);
  const renamed = new Set<LockedOperation>();
  const kept = before.operations.flatMap((was): readonly Change[] => {
    const is = now.operations.find(({ id }) => id === was.id);
    if (is) return compareOperation(now.name, typed(was, before), typed(is, now));
    const successor = successorOf(was, before.operations.filter(isGone), added, { before, now });
    if (successor) renamed.add(successor);
    return [goneChange(now.name, was, successor)];
  });
  const addedChanges = added
    .filter((is) => !renamed.has(is))
    .map((is) => changeBy('operation-added', subjectOf(now.name, is), { after: describe(is) }));
  return [...kept, ...addedChanges];
}

function typed(operation: LockedOperation, { types }: LockedClass): TypedOperation {
  return { ...operation, types };
}

/** What an operation that is gone has plainly become: one of its name, or the only new one of its shape. */
function successorOf(
  was: LockedOperation,
  gone: readonly LockedOperation[],
  added: readonly LockedOperation[],
  { before, now }: { readonly before: LockedClass; readonly now: LockedClass },
): LockedOperation | undefined {
  const sameName = added.find(({ name }) => name === was.name);
  if (sameName) return sameName;
  const alike = added.filter((is) => isSameShape(typed(was, before), typed(is, now)));
  const rivals = gone.filter((other) => isSameShape(typed(was, before), typed(other, before)));
  return alike.length === 1 && rivals.length === 1 ? alike[0] : undefined;
}

function goneChange(name: string, was: LockedOperation, successor: LockedOperation | undefined): Change {
  const subject = subjectOf(name, was);
  const before = describe(was);
  const after = successor && describe(successor);
  const sides = { before, ...(after === undefined ? {} : { after }) };
  if (was.kind === 'qry') return changeBy('query-removed', subject, sides);
  if (was.kind !== 'cmd' && was.kind !== 'sub') return changeBy('method-removed', subject, sides);
  if (successor) {
    const isSameName = successor.name === was.name;
    const details = isSameName
      ? [`its id was ${was.id}, and is ${successor.id}`]
      : [`write \`@${was.kind}({ was: '${was.names[0] ?? was.name}' }) ${successor.name}\``];
    return changeBy(isSameName ? 'id-changed' : 'renamed-without-was', subject, { ...sides, details });
  }
  return changeBy(was.kind === 'cmd' ? 'command-removed' : 'event-removed', subject, sides);
}

function compareOperation(name: string, was: TypedOperation, is: TypedOperation): readonly Change[] {
  const sides = { before: describe(was), after: describe(is) };
  const change = (rule: Rule, details: readonly string[] = []): Change =>
    changeBy(rule, subjectOf(name, is), { ...sides, details });
  if (was.kind !== is.kind) {
    if (was.kind === 'qry') return [change('query-removed')];
    return [change(was.kind === 'cmd' || was.kind === 'sub' ? 'kind-changed' : 'method-kind')];
  }
  return [
    ...(was.name === is.name ? [] : [change('operation-renamed')]),
    ...(is.isRetired && !was.isRetired ? [change('operation-retired')] : []),
    ...(was.isRetired && !is.isRetired ? [change('operation-revived')] : []),
    ...compareArguments(was, is, change),
    ...compareResults(was, is, change),
  ];
}

type MakeChange = (rule: Rule, details?: readonly string[]) => Change;

const ARGUMENT_RULES = {
  cmd: 'command-arguments',
  qry: 'query-arguments',
  sub: 'event-parameters',
} as const satisfies Partial<Record<LockedOperation['kind'], Rule>>;

function compareArguments(was: TypedOperation, is: TypedOperation, change: MakeChange): readonly Change[] {
  const differences = argumentDifferences(
    { operation: withSource(was), types: was.types },
    { operation: withSource(is), types: is.types },
  ).map(describeDifference);
  const rule =
    is.kind in ARGUMENT_RULES ? ARGUMENT_RULES[is.kind as keyof typeof ARGUMENT_RULES] : 'method-arguments';
  const [namesBefore, names] = [namesOf(was), namesOf(is)];
  const isReordered =
    namesBefore.join() !== names.join() && namesBefore.toSorted().join() === names.toSorted().join();
  if (isReordered) return [change(is.kind === 'cmd' ? 'parameters-reordered' : rule, differences)];
  if (differences.length > 0) {
    const isLonger = is.parameters.length > was.parameters.length && differences.length === 1;
    return [change(is.kind === 'cmd' && isLonger ? 'parameter-required' : rule, differences)];
  }
  const isNarrower = argumentDifferences(
    { operation: withSource(is), types: is.types },
    { operation: withSource(was), types: was.types },
  );
  if (isNarrower.length > 0) return [change('arguments-widened')];
  return namesBefore.join() === names.join() ? [] : [change('parameter-renamed')];
}

/** What a caller sends item by item is one argument more, as far as it has to fit. */
function withSource({
  parameters,
  rest,
  source,
}: TypedOperation): Pick<TypedOperation, 'parameters' | 'rest'> {
  const items = source ? [{ name: source.name, schema: source.item, optional: false }] : [];
  return { parameters: [...items, ...parameters], ...(rest ? { rest } : {}) };
}

function namesOf({ parameters, rest }: TypedOperation): readonly string[] {
  return [...parameters, ...(rest ? [rest] : [])].map(({ name }) => name);
}

function compareResults(was: TypedOperation, is: TypedOperation, change: MakeChange): readonly Change[] {
  const kind = is.kind === 'sub' ? 'sub' : 'cmd';
  const [older, newer] = [was, is].map(
    ({ result, types }) => ({ operation: { kind, result }, types }) as const,
  );
  if (!older || !newer) return [];
  const unknown = resultDifferences(newer, older, { older: 'now', newer: 'before' }).map(describeDifference);
  const lost = resultDifferences(older, newer).map(describeDifference);
  if (unknown.length + lost.length === 0) return [];
  if (is.kind === 'sub') return [change('event-value', unknown.length > 0 ? unknown : lost)];
  return unknown.length > 0 ? [change('result-changed', unknown)] : [change('result-narrowed', lost)];
}

function subjectOf(name: string, operation: LockedOperation): string {
  return `${name}.${operation.name}`;
}

function describe(operation: LockedOperation): string {
  const isOfMachine = operation.kind === 'cmd' || operation.kind === 'qry' || operation.kind === 'sub';
  const options = [
    ...operation.names.slice(0, 1).map((name) => `was: '${name}'`),
    ...(operation.isRetired ? ['retired: true'] : []),
  ];
  const decorator = isOfMachine ? `@${operation.kind}` : '@rpc';
  return `${decorator}${options.length > 0 ? `({ ${options.join(', ')} })` : ''} ${signatureText(operation)}`;
}
