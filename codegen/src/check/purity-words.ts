import type { EntryModel, ImpurityKind } from '../model.js';

export interface ImpurityWords {
  /** What the expression does. */
  readonly describe: string;
  /** What to write instead, by whose code it is. */
  readonly remedy: Readonly<Record<EntryModel['role'], string>>;
}

const ARGUMENT = 'Let the client pass it as an argument';

function everywhere(remedy: string): ImpurityWords['remedy'] {
  return { command: remedy, query: remedy, hook: remedy, constructor: remedy };
}

export const IMPURITY_WORDS: Readonly<Record<ImpurityKind, ImpurityWords>> = {
  clock: {
    describe: 'reads the clock of the node that it runs on',
    remedy: {
      command: 'Write `this.context.time`: milliseconds since 1970, the same on every replica.',
      query: 'Pass the time as an argument, or keep `this.context.time` in a field when a command runs.',
      hook: 'In `sessionEnded`, write `this.context.time`; the other hooks keep to what the state holds.',
      constructor:
        'Each node makes its own instance, when it starts: set the field in a command, to `this.context.time`.',
    },
  },
  random: {
    describe: 'is another number or text on every replica',
    remedy: {
      command: 'Write `this.context.random()`: seeded by the entry, the same on every replica.',
      query: 'Pass it as an argument, or choose in a command, by `this.context.random()`.',
      hook: 'In `sessionEnded`, write `this.context.random()`; the other hooks keep to what the state holds.',
      constructor:
        'Each node makes its own instance: set the field in a command, by `this.context.random()`.',
    },
  },
  timer: {
    describe: 'has something run later on this node alone',
    remedy: {
      ...everywhere(
        "Write `this.schedule(delayMs, 'method', …)` in a command: timers are part of the replicated state.",
      ),
      query:
        'A query is done when it returns; what is to happen later, a command schedules by `this.schedule`.',
    },
  },
  io: {
    describe: 'reaches out of the machine',
    remedy: everywhere(
      'Do it in the client before the call, and pass what came of it; what is to follow a command, whoever hears of an event (@sub) does.',
    ),
  },
  environment: {
    describe: 'depends on the process and the computer that it runs on',
    remedy: everywhere(
      `${ARGUMENT}, or keep it in a field that a command sets: configuration is state, too.`,
    ),
  },
  global: {
    describe: 'depends on what is no field of the machine and changes while a node runs',
    remedy: everywhere(
      'Make it a field of the machine: only fields are in snapshots. What never changes may stay, as a `const`.',
    ),
  },
  await: {
    describe: 'goes on later, when the state may be another',
    remedy: everywhere('Do the waiting in the client, before the call, and pass what came of it.'),
  },
  order: {
    describe: 'gives an order that replicas need not share',
    remedy: everywhere(
      'Return a negative number, 0 or a positive one from a comparator, and sort what comes from a @derived collection.',
    ),
  },
  float: {
    describe: 'gives what each engine approximates in its own way',
    remedy: everywhere(
      `${ARGUMENT}, or write it with + - * / and Math.sqrt, which are exact; a square is \`x * x\`.`,
    ),
  },
  locale: {
    describe: 'depends on the language or the time zone that the node is set to',
    remedy: everywhere(
      'Compare texts by < and >, use the UTC methods of dates, and format where it is shown, in the client.',
    ),
  },
  code: {
    describe: 'depends on the engine and how the code was built, or cannot be read ahead',
    remedy: everywhere('Keep to what the state holds, and write the code out.'),
  },
};
