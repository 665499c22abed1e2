import { stableHash } from '@decoraft/base';
import { firstNameOf, idOf } from '../lasting.js';
import type {
  BaseFaultModel,
  ClassModel,
  MachineModel,
  MemberModel,
  NamedMachine,
  ServiceModel,
} from '../model.js';
import type { Position } from '../position.js';
import type { Finding } from '../problem.js';
import { checkEvolution } from './evolution-checks.js';
import { checkMember, hasReadableTypes, isAsync } from './member-checks.js';
import { checkEffects, checkPurity } from './purity-checks.js';
import { checkScheduledValues, checkSchedules } from './schedule-checks.js';
import { checkState } from './state-checks.js';
import { TypeChecks } from './type-checks.js';

/** All that is wrong with one class. */
export function checkClass(model: ClassModel): readonly Finding[] {
  const types = new TypeChecks(model);
  for (const member of model.members) {
    if (!hasReadableTypes(model.kind, member)) continue;
    const isPromise = model.kind === 'machine' && isAsync(member);
    types.check(isPromise ? { ...member, result: { kind: 'primitive', name: 'void' } } : member);
  }
  const problems = [
    ...checkDeclaration(model),
    ...model.members.flatMap((member) => checkMember(model, member)),
    ...checkIds(model),
    ...(model.kind === 'machine' && model.extendsBase ? checkState(model) : []),
    ...(model.kind === 'service' ? checkDerived(model) : []),
    ...types.problems,
    ...(model.kind === 'machine' ? [...checkSchedules(model), ...checkEvolution(model)] : []),
  ];
  if (model.kind === 'service') return problems;
  // What is impure may be allowed, and says nothing about the shape of the class.
  const impure = [...checkPurity(model), ...checkEffects(model)];
  if (problems.length > 0) return [...problems, ...impure];
  return isNamed(model) ? [...checkScheduledValues(model), ...impure] : impure;
}

function isNamed(machine: MachineModel): machine is NamedMachine {
  return machine.name !== undefined;
}

/** What a class of either kind is called, and how it is written. */
const KIND_WORDS = {
  machine: {
    example: 'KeyValue',
    base: 'StateMachine',
    code: 'class-not-a-machine',
    nothing: 'has no operation that a client could call',
    decorate: 'Decorate methods with @cmd and @qry',
  },
  service: {
    example: 'Greeter',
    base: 'RpcService',
    code: 'class-not-a-service',
    nothing: 'has no method that a client could call',
    decorate: 'Decorate methods with @rpc',
  },
} as const;

function checkDeclaration(model: ClassModel): readonly Finding[] {
  const { kind, name, position } = model;
  const { base, code, decorate, example, nothing } = KIND_WORDS[kind];
  const problem = (
    words: Pick<Finding, 'code' | 'message' | 'remedy'> & { readonly position?: Position },
  ): Finding[] => [{ subject: name ?? '', position, ...words }];
  if (name === undefined) {
    return problem({
      code: 'class-anonymous',
      message: `a ${kind} without a name`,
      remedy: `Declare it: \`export class ${example} extends ${base} { … }\`.`,
    });
  }
  if (model.baseFault)
    return problem({ position: model.baseFault.position, ...wordsOfBase(model.baseFault) });
  if (!model.extendsBase) {
    return problem({
      code,
      message: `has decorated members but does not extend ${base}`,
      remedy: `Write \`class ${name} extends ${base}\`, imported from 'decoraft'.`,
    });
  }
  if (model.isGeneric) {
    return problem({
      code: 'class-generic',
      message: 'has type parameters, which do not exist at run time',
      remedy: `Make it abstract and close it: \`export class Users extends ${name}<User> {}\`.`,
    });
  }
  if (model.members.length === 0) {
    return problem({
      code: 'class-without-operations',
      message: nothing,
      remedy: `${decorate}; make a class that others extend abstract.`,
    });
  }
  if (model.exportedName !== undefined) return [];
  return problem({
    code: 'class-not-exported',
    message: 'is not exported, so the generated table cannot be tied to it',
    remedy: `Write \`export class ${name}\`; make a class that others extend abstract.`,
  });
}

function wordsOfBase({ kind, text, members }: BaseFaultModel): Pick<Finding, 'code' | 'message' | 'remedy'> {
  if (kind === 'unreadable') {
    return {
      code: 'base-unreadable',
      message: `extends ${text}, which cannot be followed to a class: operations that it has would be missing`,
      remedy:
        'Extend a class by its name, or call a function whose source is there and which returns one class: `return class extends Base { … }`.',
    };
  }
  return {
    code: 'base-compiled',
    message: `extends ${text}, of which only declarations are there: nobody sees how ${members.join(', ')} ${members.length === 1 ? 'is' : 'are'} decorated`,
    remedy:
      'Override what is an operation, with its decorator, and what is none without one; or have the package bring its sources.',
  };
}

/** A service has no state that would have to be kept. */
function checkDerived({ derived, name }: ServiceModel): readonly Finding[] {
  return derived.map((member) => ({
    code: 'decorator-misplaced',
    position: member.position,
    subject: `${name ?? ''}.${member.name}`,
    message: 'is decorated with @derived, but a service has no snapshots',
    remedy: 'Take the decorator away.',
  }));
}

/** Logs and calls hold ids, not names. */
function checkIds({ kind, name, members }: ClassModel): readonly Finding[] {
  const holders = new Map<number, MemberModel>();
  return members.flatMap((member) => {
    const id = kind === 'machine' ? idOf(member) : stableHash(member.name);
    const holder = holders.get(id);
    if (!holder) {
      holders.set(id, member);
      return [];
    }
    if (holder.name === member.name) return [];
    const [first, holdersFirst] = [firstNameOf(member), firstNameOf(holder)];
    const why = first === holdersFirst ? `both say that they began as ${first}` : `the hash of either name`;
    return [
      {
        code: 'member-id-clash' as const,
        position: member.position,
        subject: `${name ?? ''}.${member.name}`,
        message: `has the same id as ${holder.name}: ${id}, ${why}`,
        remedy: 'Give the one that came later another name.',
      },
    ];
  });
}
