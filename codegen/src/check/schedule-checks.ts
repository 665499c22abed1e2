import { fits, type OperationTable } from '@decoraft/protocol';
import { tableOf } from '../emit/schema.js';
import type { MachineModel, MemberModel, NamedMachine, ScheduleModel } from '../model.js';
import type { Position } from '../position.js';
import type { Finding } from '../problem.js';

type Words = Pick<Finding, 'code' | 'message' | 'remedy'> & { readonly position?: Position };

/** What a machine schedules and could never run. Only what is written out is looked at; the rest is checked when it runs. */
export function checkSchedules(machine: MachineModel): readonly Finding[] {
  return machine.schedules.flatMap((schedule) => {
    const subject = `${machine.name ?? ''}.${schedule.member}`;
    const words = [...checkDelay(schedule), ...checkMethod(machine, schedule)];
    return words.map((word) => ({ subject, ...word, position: word.position ?? schedule.position }));
  });
}

/** The arguments that are written out, against what the command takes. To be asked of a machine without problems. */
export function checkScheduledValues(machine: NamedMachine): readonly Finding[] {
  if (machine.schedules.length === 0) return [];
  const table = tableOf(machine);
  return machine.schedules.flatMap((schedule) => checkValues(machine.name, table, schedule));
}

function checkDelay({ delay }: ScheduleModel): readonly Words[] {
  if (!delay) return [];
  const { value } = delay;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return [];
  return [
    {
      code: 'schedule-delay',
      message: `schedules with a delay of ${String(value)}`,
      remedy: 'A delay is a finite number of milliseconds that is not negative.',
    },
  ];
}

function checkMethod(
  { members }: MachineModel,
  { args, hasSpread, method }: ScheduleModel,
): readonly Words[] {
  if (!method) return [];
  const name = String(method.value);
  const command = members.find((member) => member.name === method.value && isCommand(member));
  if (!command) {
    const message = `schedules ${name}, which is no @cmd of the class`;
    return [
      { code: 'schedule-method', message, remedy: 'Name a public method that is decorated with @cmd.' },
    ];
  }
  const most = command.parameters.some(({ isRest }) => isRest) ? Infinity : command.parameters.length;
  const least = command.parameters.filter(({ isOptional, isRest }) => !isOptional && !isRest).length;
  if (args.length <= most && (hasSpread || args.length >= least)) return [];
  const takes = least === most ? String(least) : `${least} to ${most}`.replace(' to Infinity', ' or more');
  return [
    {
      code: 'schedule-arguments',
      message: `schedules ${name} with ${args.length} argument(s), but it takes ${takes}`,
      remedy: `Write them behind the name: \`this.schedule(delayMs, '${name}', …)\`.`,
    },
  ];
}

function checkValues(
  machine: string,
  { operations, types }: OperationTable,
  { args, member, method }: ScheduleModel,
): readonly Finding[] {
  const command = operations.find(({ name }) => name === method?.value);
  if (!command) return [];
  return args.flatMap(({ literal, position }, at) => {
    const parameter = command.parameters[at] ?? command.rest;
    if (!literal || !parameter) return [];
    const { name, optional, schema } = parameter;
    if ((literal.value === undefined && optional) || fits(schema, types, literal.value)) return [];
    const shown = typeof literal.value === 'string' ? `'${literal.value}'` : String(literal.value);
    return [
      {
        code: 'schedule-arguments' as const,
        position,
        subject: `${machine}.${member}`,
        message: `schedules ${command.name} with ${shown} for ${name}`,
        remedy: `Give what ${command.name} takes there: it is checked again when it is scheduled.`,
      },
    ];
  });
}

function isCommand({ decorators }: MemberModel): boolean {
  return decorators.some(({ name }) => name === 'cmd');
}
