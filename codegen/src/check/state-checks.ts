import type { FieldModel, HookModel, HookName, MachineModel, StateFault, StateModel } from '../model.js';
import type { Finding, ProblemCode } from '../problem.js';

type Words = Pick<Finding, 'code' | 'message' | 'remedy'>;

/** What no snapshot could take of a machine, or nobody would rebuild. */
export function checkState(machine: MachineModel): readonly Finding[] {
  const { state } = machine;
  const name = machine.name ?? '';
  const stray = state.strayDerived.map(({ is, name: member, position }) => ({
    subject: `${name}.${member}`,
    position,
    ...(is === 'no-field' ? NO_FIELD : derivedOperation(is)),
  }));
  // A class that snapshots itself may keep what it likes.
  const isOwn = state.hooks.has('snapshot') && state.hooks.has('restore');
  const fields = isOwn ? [] : state.fields.flatMap((field) => checkField(name, field, state));
  return [...stray, ...fields, ...checkPair(name, state), ...checkForms(name, state)];
}

function checkPair(machine: string, { hooks }: StateModel): readonly Finding[] {
  const [snapshot, restore] = [hooks.get('snapshot'), hooks.get('restore')];
  const only = snapshot && restore ? undefined : (snapshot ?? restore);
  if (!only) return [];
  const [has, lacks] = snapshot ? ['snapshot', 'restore'] : ['restore', 'snapshot'];
  return [
    {
      code: 'snapshot-unpaired',
      position: only.position,
      subject: `${machine}.${has}`,
      message: `has no ${lacks}() beside it`,
      remedy:
        'Write both: what snapshot() gives is what restore() gets. To rebuild derived fields, write restored().',
    },
  ];
}

const FORMS: Readonly<Record<HookName, (hook: HookModel) => Omit<Words, 'code'> | undefined>> = {
  snapshot: ({ isAsync, isGenerator }) =>
    isAsync && !isGenerator
      ? {
          message: 'is asynchronous, but a snapshot is of one moment',
          remedy:
            'Return the state, or yield it in chunks from a generator: `*snapshot()`, `async *snapshot()`.',
        }
      : undefined,
  restore: ({ isGenerator }) =>
    isGenerator
      ? { message: 'is a generator, but it takes chunks and gives none', remedy: 'Take the `*` away.' }
      : undefined,
  restored: ({ isAsync, isGenerator }) =>
    isAsync || isGenerator
      ? {
          message: 'must be done when it returns',
          remedy: 'Rebuild the derived fields at once; an own restore() may wait.',
        }
      : undefined,
  sessionEnded: ({ isAsync, isGenerator }) =>
    isAsync || isGenerator
      ? {
          message: 'must be done when it returns: it runs on every replica, at one place of the log',
          remedy: 'Change the state at once; what has to wait is done by whoever hears of an event.',
        }
      : undefined,
};

function checkForms(machine: string, { hooks }: StateModel): readonly Finding[] {
  return [...hooks].flatMap(([name, hook]): readonly Finding[] => {
    const words = FORMS[name](hook);
    const subject = `${machine}.${name}`;
    const code = name === 'sessionEnded' ? 'session-hook-form' : 'snapshot-form';
    return words ? [{ code, position: hook.position, subject, ...words }] : [];
  });
}

const NO_FIELD: Words = {
  code: 'derived-not-a-field',
  message: 'is decorated with @derived but is no field of the instance',
  remedy: 'Take @derived away: what is no field of the instance is in no snapshot.',
};

function derivedOperation(operation: string): Words {
  return {
    code: 'decorated-twice',
    message: `is decorated with @derived and with @${operation}`,
    remedy: 'Keep one: @derived is a field that is computed from others.',
  };
}

function checkField(machine: string, field: FieldModel, state: StateModel): readonly Finding[] {
  const { name, position } = field;
  const words = wordsOf(field, state);
  return words ? [{ subject: `${machine}.${name}`, position, ...words }] : [];
}

function wordsOf({ fault, isDerived, isHidden, name }: FieldModel, { hooks }: StateModel): Words | undefined {
  if (isDerived) {
    if (hooks.has('restored')) return undefined;
    return {
      code: 'derived-without-restored',
      message: 'is derived, but the class has no restored() that rebuilds it',
      remedy: 'Write `override restored(): void { … }` that computes it from the other fields.',
    };
  }
  if (isHidden) {
    const plain = name.replace('#', '');
    return {
      code: 'state-private',
      message: 'can be seen by the class only, so it would be in no snapshot',
      remedy: `Write \`private ${plain}\`, mark it with @derived and rebuild it in restored(), or write snapshot() and restore().`,
    };
  }
  if (!fault) return undefined;
  const { code, describe, remedy } = FAULTS[fault.fault];
  const where = fault.steps === '' ? 'holds' : `holds, at ${fault.steps.trim()},`;
  return { code, message: `${where} ${describe(fault.text)}, which no snapshot keeps`, remedy };
}

interface FaultWords {
  readonly code: ProblemCode;
  readonly describe: (text: string) => string;
  readonly remedy: string;
}

const ELSE = 'What is computed from other fields: mark it with @derived and rebuild it in restored().';

const FAULTS: Readonly<Record<StateFault, FaultWords>> = {
  function: {
    code: 'state-function',
    describe: () => 'a function',
    remedy: `Make it a method of the class. ${ELSE}`,
  },
  symbol: {
    code: 'state-symbol',
    describe: () => 'a symbol, or what has one as a key',
    remedy: 'Use a string, or an enum of strings.',
  },
  'symbol-name': {
    code: 'state-symbol',
    describe: () => 'its value under a computed name',
    remedy: 'Write the name out.',
  },
  class: {
    code: 'state-class',
    describe: (text) => `an instance of class ${text}`,
    remedy: `Keep its data as a plain object, described by an interface. ${ELSE}`,
  },
  promise: {
    code: 'state-promise',
    describe: () => 'a promise',
    remedy: 'A command is done when it returns: let the client wait, and pass what came of it.',
  },
  library: {
    code: 'state-library',
    describe: (text) => `an instance of ${text}`,
    remedy: `Kept are primitives, bigint, Date, Map, Set, ArrayBuffer, typed arrays, arrays and plain objects. ${ELSE}`,
  },
};
