import {
  describeOperation,
  type IssuedCommand,
  issuedCommands,
  mustBeLinearizable,
  mustHappenExactlyOnce,
  mustKeepSessionOrder,
  type Operation,
} from '@decoraft/testing';
import type { Entry, Witness } from '../processes/journal.machine.js';
import {
  type CommandCall,
  commandName,
  isCommand,
  isRead,
  type ReadCall,
  type Recorded,
  type RecordedCommand,
} from '../processes/calls.js';
import { journalModel, type Shown } from './journal-model.js';
import type { Truth } from './truth.js';

/** Errors that faults may cause; whoever sees another one has found a fault of ours. */
const EXPECTED_CODES = new Set([
  'Indeterminate',
  'SessionExpired',
  'Unavailable',
  'NoLeader',
  'Overloaded',
  'DeadlineExceeded',
  'Behind',
  'NotLeader',
]);
const MAX_STEPS = 20_000_000;

/** Calls end as they may: with a result, or with an error that faults explain. */
export function unexpectedErrors(history: readonly Recorded[]): readonly string[] {
  return history
    .filter(({ outcome }) => outcome.kind !== 'returned' && !EXPECTED_CODES.has(outcome.reason))
    .map((operation) => `an error that no fault explains: ${describeOperation(operation)}`);
}

/** Acknowledged commands were applied once, those of unknown end at most once, refused ones never. */
export function mustBeAppliedOnce(history: readonly Recorded[], witnesses: readonly Witness[]): void {
  const effects = witnesses.flatMap(({ client, last, skipped, twice }) => {
    const missing = new Set(skipped);
    const applied = Array.from({ length: last }, (_, at) => at + 1).filter((number) => !missing.has(number));
    return [...applied, ...twice].map((number) => ({ id: commandName(client, number), index: number }));
  });
  mustHappenExactlyOnce('the journal', issued(history), effects);
}

function issued(history: readonly Recorded[]): readonly IssuedCommand[] {
  return history
    .filter(isCommand)
    .flatMap((command) => issuedCommands([command], ({ number }) => commandName(command.process, number)));
}

/** The commands of one client were applied in the order in which it issued them. */
export function outOfOrder(witnesses: readonly Witness[]): readonly string[] {
  return witnesses
    .filter(({ late }) => late.length > 0)
    .map(({ client, late }) => {
      const first = commandName(client, late[0] ?? 0);
      return `${late.length} commands of ${client} were applied behind later ones, first ${first}`;
    });
}

/** What anybody saw of a key, at whatever level, is what stood there at that version. */
export function untrueAnswers(history: readonly Recorded[], truth: Truth): readonly string[] {
  const isTrue = (key: string, { sum, text, version }: Entry): boolean => {
    if (version === 0) return sum === 0 && text === '';
    const change = truth.of(key)[version - 1];
    return change?.sum === sum && change.text === text;
  };
  return history
    .filter((operation) => isCommand(operation) || isRead(operation))
    .filter(({ input, outcome }) => outcome.kind === 'returned' && !isTrue(input.key, outcome.output))
    .map((operation) => `never stood there: ${describeOperation<unknown, unknown>(operation)}`);
}

/** A read that came with a token shows all that the one who gave it had seen. */
export function lessThanTokens(history: readonly Recorded[]): readonly string[] {
  return history
    .filter(isRead)
    .filter(({ input, outcome }) => outcome.kind === 'returned' && outcome.output.index < input.least)
    .map((read) => `less than its token says: ${describeOperation<unknown, unknown>(read)}`);
}

/** Commands and linearizable reads could have happened one at a time. */
export function mustHappenOneAtATime(history: readonly Recorded[], truth: Truth): void {
  const calls = history.flatMap((operation): readonly Operation<CommandCall | ReadCall, Shown>[] => {
    if (isCommand(operation)) return settled(operation, truth);
    if (!isRead(operation) || !['linearizable', 'lease'].includes(operation.input.level)) return [];
    const { outcome } = operation;
    if (outcome.kind !== 'returned') return [];
    return [{ ...operation, outcome: { ...outcome, output: { ...outcome.output, isDone: false } } }];
  });
  const verdict = mustBeLinearizable(journalModel(), calls, { maxSteps: MAX_STEPS });
  if (verdict.kind === 'undecided') throw new Error(`nobody knows whether ${verdict.part} is linearizable`);
}

/**
 * A command of unknown end that changed something returned what the truth says, at some time, for all that is known: then
 * no order has to be guessed. One that changed nothing need not have happened.
 */
function settled(command: RecordedCommand, truth: Truth): readonly Operation<CommandCall, Shown>[] {
  const { input, outcome, process } = command;
  if (outcome.kind !== 'unknown') return [{ ...command, outcome }];
  const change = truth.by(process, input.number);
  if (!change) return [];
  const { sum, text, version } = change;
  const at = { atMs: Infinity, sequence: Infinity };
  return [{ ...command, outcome: { kind: 'returned', at, output: { sum, text, version, isDone: true } } }];
}

/** Reads of a client never go back, except local ones, and show what it wrote and heard of before. */
export function mustNotGoBack(history: readonly Recorded[]): void {
  mustKeepSessionOrder(history.map(askedFor), ({ input, outcome }) => {
    if (input.kind === 'heard') return { of: 'the journal', version: input.change.index };
    if (outcome.kind !== 'returned' || !outcome.output) return undefined;
    if (input.kind === 'read' && input.level === 'local') return undefined;
    return { of: 'the journal', version: outcome.output.index };
  });
}

/** Nobody asks for an event at a certain time: it may tell of what is long known, and yet be news of its own. */
function askedFor(operation: Recorded): Recorded {
  if (operation.input.kind !== 'heard') return operation;
  return { ...operation, invoked: { ...operation.invoked, sequence: -1 } };
}
