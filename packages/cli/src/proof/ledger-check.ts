import {
  type Check,
  issuedCommands,
  mustBeLinearizable,
  mustHappenExactlyOnce,
  mustKeepIssueOrder,
  mustReceiveInOrder,
  type Operation,
  type PositionedEvent,
} from '@decoraft/testing';
import { type Execution, Ledger, type Place } from './ledger.js';
import { LEDGER } from './ledger-client.js';
import { type LedgerAnswer, type LedgerCall, ledgerModel } from './ledger-model.js';
import type { Recorded } from './ledger-workload.js';

/**
 * What the clients of a run saw must be what one ledger, called by one after another, would have shown them: results
 * in an order that respects time, every acknowledged command executed once, every event once and in order.
 */
export function ledgerCheck(): Check {
  let executed: readonly Execution[] = [];
  return {
    healed: ([node]) => {
      const ledger = node?.machines[LEDGER];
      if (ledger instanceof Ledger) executed = [...ledger.executed];
    },
    ended: (history) => {
      const recorded = history as readonly Operation<Recorded>[];
      const calls = recorded.filter(isCall);
      const commands = issuedCommands(calls, nameOf);
      const effects = executed.map(({ command, index }) => ({ id: command, index }));
      mustHappenExactlyOnce(LEDGER, commands, effects);
      mustKeepIssueOrder(LEDGER, commands, effects);
      mustBeLinearizable(ledgerModel(), calls, { maxSteps: 1_000_000 });
      checkEvents(recorded, executed);
    },
  };
}

/** Every subscription got what the machine wrote down, from the first that concerned it to the last that came. */
function checkEvents(recorded: readonly Operation<Recorded>[], executed: readonly Execution[]): void {
  for (const begin of recorded) {
    if (begin.input.kind !== 'listening') continue;
    const { key, subscription } = begin.input;
    const received = recorded.flatMap(({ input }) =>
      input.kind === 'heard' && input.subscription === subscription ? [asEvent(input)] : [],
    );
    const [first] = received;
    if (!first) continue;
    const changes = executed.filter(({ changed }) => changed === key);
    const from = Math.min(first.position.index, firstOwn(begin, recorded, changes));
    const after = { index: from - 1, ordinal: Infinity };
    mustReceiveInOrder({ name: subscription, after, received }, changes.map(asEvent));
  }
}

/**
 * The first change that the listener itself made after its subscription stood: of this one it must have been told,
 * even if all that it heard of came later.
 */
function firstOwn(
  { id, process }: Operation,
  recorded: readonly Operation<Recorded>[],
  changes: readonly Execution[],
): number {
  const own = new Set(
    recorded
      .filter(isCall)
      .filter((call) => call.id > id && call.process === process)
      .map(({ input }) => nameOf(input)),
  );
  return changes.find(({ command }) => own.has(command))?.index ?? Infinity;
}

function asEvent({ command, index }: Place): PositionedEvent {
  return { position: { index, ordinal: 0 }, value: command };
}

function nameOf(call: LedgerCall): string | undefined {
  return 'command' in call ? call.command : undefined;
}

function isCall(operation: Operation<Recorded>): operation is Operation<LedgerCall, LedgerAnswer> {
  return operation.input.kind !== 'heard' && operation.input.kind !== 'listening';
}
