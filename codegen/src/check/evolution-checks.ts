import type { DecoratorModel, HookModel, MachineModel, MemberModel, OptionModel } from '../model.js';
import type { Finding } from '../problem.js';

/** What says how a machine became what it is, and cannot be followed: names, versions, and the way between them. */
export function checkEvolution(machine: MachineModel): readonly Finding[] {
  return [
    ...machine.members.flatMap((member) => checkOptions(machine, member)),
    ...checkVersion(machine),
    ...checkForms(machine),
    ...checkPrevious(machine),
  ];
}

/** Options that are no object literal at all are told of once, with the consistency. */
function checkOptions({ name = '' }: MachineModel, member: MemberModel): readonly Finding[] {
  return member.decorators.flatMap((decorator) => {
    const { consistency, retired, was } = decorator;
    return [was, retired]
      .filter((option) => option.kind === 'unreadable')
      .filter((option) => !isSame(option, consistency))
      .map((option) => unreadable(`${name}.${member.name}`, decorator, option.text));
  });
}

function isSame(option: OptionModel<unknown>, other: OptionModel<unknown>): boolean {
  return option.kind === 'unreadable' && other.kind === 'unreadable' && option.text === other.text;
}

function unreadable(subject: string, { position }: DecoratorModel, text: string): Finding {
  return {
    code: 'option-unreadable',
    position,
    subject,
    message: `has an option that the generator cannot read: ${text}`,
    remedy: "Write it there, in full: `{ was: 'theFirstName' }`, `{ retired: true }`.",
  };
}

function checkVersion({ name = '', version }: MachineModel): readonly Finding[] {
  const { declared } = version;
  if (declared.kind === 'given') return [];
  return [
    {
      code: 'version-unreadable',
      position: declared.position,
      subject: `${name}.version`,
      message: `is no version that the generator can read: \`${declared.text}\``,
      remedy: 'Write a whole number from 1: `static override readonly version = 2;`.',
    },
  ];
}

function checkForms({ name = '', version }: MachineModel): readonly Finding[] {
  const { migrate, previous } = version;
  return Object.entries({ migrate, previous }).flatMap(([hook, model]): readonly Finding[] => {
    if (!model || !(model.isAsync || model.isGenerator)) return [];
    return [
      {
        code: 'migration-form',
        position: model.position,
        subject: `${name}.${hook}`,
        message: 'must be done when it returns: it runs on every replica, at one place of the log',
        remedy: 'Compute it at once, of what it is given.',
      },
    ];
  });
}

function checkPrevious({ name = '', version }: MachineModel): readonly Finding[] {
  const { declared, migrate, previous } = version;
  const finding = (
    hook: string,
    { position }: HookModel,
    words: Pick<Finding, 'code' | 'message' | 'remedy'>,
  ) => [{ position, subject: `${name}.${hook}`, ...words }];
  if (migrate && !previous) {
    return finding('migrate', migrate, {
      code: 'migrate-without-previous',
      message: 'has no previous() beside it: nobody could read the state that it is given',
      remedy:
        'Keep the class of the version before, and give it: `override previous() { return new Users1(); }`.',
    });
  }
  if (!previous || declared.kind === 'unreadable') return [];
  if (declared.version === 1) {
    return finding('previous', previous, {
      code: 'previous-without-version',
      message: 'gives the machine of the version before, but this is version 1',
      remedy: 'Say which version this is: `static override readonly version = 2;`.',
    });
  }
  const before = previous.machine;
  if (before?.declared.kind !== 'given' || before.declared.version < declared.version) return [];
  return finding('previous', previous, {
    code: 'previous-not-older',
    message: `gives ${before.name} of version ${before.declared.version}, but this is version ${declared.version}`,
    remedy: 'Raise the version of this class, or give the class that this one came after.',
  });
}
