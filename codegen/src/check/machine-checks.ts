import { stableHash } from '@decoraft/base';
import type { MachineModel, NamedMachine } from '../model.js';
import type { Problem } from '../problem.js';
import { checkMember, hasReadableTypes, isAsync } from './member-checks.js';
import { checkScheduledValues, checkSchedules } from './schedule-checks.js';
import { checkState } from './state-checks.js';
import { TypeChecks } from './type-checks.js';

/** All that is wrong with one machine. */
export function checkMachine(machine: MachineModel): readonly Problem[] {
  const types = new TypeChecks(machine);
  for (const member of machine.members) {
    if (!hasReadableTypes(member)) continue;
    types.check(isAsync(member) ? { ...member, result: { kind: 'primitive', name: 'void' } } : member);
  }
  const problems = [
    ...checkClass(machine),
    ...machine.members.flatMap((member) => checkMember(machine, member)),
    ...checkIds(machine),
    ...(machine.extendsStateMachine ? checkState(machine) : []),
    ...types.problems,
    ...checkSchedules(machine),
  ];
  return problems.length === 0 && isNamed(machine) ? checkScheduledValues(machine) : problems;
}

function isNamed(machine: MachineModel): machine is NamedMachine {
  return machine.name !== undefined;
}

function checkClass(machine: MachineModel): readonly Problem[] {
  const { name, position } = machine;
  const problem = (words: Pick<Problem, 'code' | 'message' | 'remedy'>): Problem[] => [
    { subject: name ?? '', position, ...words },
  ];
  if (name === undefined) {
    return problem({
      code: 'class-anonymous',
      message: 'a machine without a name',
      remedy: 'Declare it: `export class KeyValue extends StateMachine { … }`.',
    });
  }
  if (!machine.extendsStateMachine) {
    return problem({
      code: 'class-not-a-machine',
      message: 'has decorated members but does not extend StateMachine',
      remedy: `Write \`class ${name} extends StateMachine\`, imported from 'decoraft'.`,
    });
  }
  if (machine.isGeneric) {
    return problem({
      code: 'class-generic',
      message: 'has type parameters, which do not exist at run time',
      remedy: `Make it abstract and close it: \`export class Users extends ${name}<User> {}\`.`,
    });
  }
  if (machine.members.length === 0) {
    return problem({
      code: 'class-without-operations',
      message: 'has no operation that a client could call',
      remedy: 'Decorate methods with @cmd and @qry; make a class that others extend abstract.',
    });
  }
  if (machine.exportedName !== undefined) return [];
  return problem({
    code: 'class-not-exported',
    message: 'is not exported, so the generated table cannot be tied to it',
    remedy: `Write \`export class ${name}\`; make a class that others extend abstract.`,
  });
}

/** Logs hold ids, not names. */
function checkIds({ name, members }: MachineModel): readonly Problem[] {
  const holders = new Map<number, string>();
  return members.flatMap((member) => {
    const id = stableHash(member.name);
    const holder = holders.get(id);
    if (holder === undefined) {
      holders.set(id, member.name);
      return [];
    }
    if (holder === member.name) return [];
    return [
      {
        code: 'member-id-clash' as const,
        position: member.position,
        subject: `${name ?? ''}.${member.name}`,
        message: `has the same id as ${holder}: ${id}, the hash of either name`,
        remedy: 'Rename one of them.',
      },
    ];
  });
}
