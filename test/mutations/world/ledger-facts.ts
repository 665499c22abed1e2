import {
  type Check,
  type Effect as FoundEffect,
  FactBroken,
  issuedCommands,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
  mustBeLinearizable,
  mustHappenExactlyOnce,
  mustKeepIssueOrder,
  mustKeepSessionOrder,
  type Operation,
} from '@decoraft/testing';
import type { Effect, LedgerState, Seen } from './ledger.js';

/** What a client called, as the history has it. */
export type LedgerInput =
  | {
      readonly kind: 'put';
      readonly client: string;
      readonly number: number;
      readonly key: string;
      readonly value: string;
    }
  | { readonly kind: 'refuse'; readonly client: string; readonly number: number }
  | { readonly kind: 'get'; readonly consistency: 'linearizable' | 'lease' | 'session'; readonly key: string }
  | { readonly kind: 'told' };

type LedgerOperation = Operation<LedgerInput, Effect | Seen | number | null>;

/** Everything that the ledger and its clients know, held against each other at the end of a run. */
export function ledgerFacts(): Check {
  let ledgers: readonly { readonly id: string; readonly state: LedgerState }[] = [];
  return {
    healed: (nodes) => {
      ledgers = nodes.map(({ id, machines }) => ({
        id,
        state: machines['ledger'] as unknown as LedgerState,
      }));
    },
    ended: (history) => {
      const operations = history as readonly LedgerOperation[];
      const commands = issuedCommands(operations, commandOf);
      for (const { id, state } of ledgers) {
        mustHappenExactlyOnce(id, commands, effectsOf(state));
        mustKeepIssueOrder(id, commands, effectsOf(state));
        mustHaveGoneForward(id, state);
      }
      mustKeepSessionOrder(operations, ({ input, outcome }) => {
        if (outcome.kind !== 'returned' || input.kind === 'told' || typeof outcome.output !== 'object')
          return undefined;
        return outcome.output ? { of: 'ledger', version: outcome.output.version } : undefined;
      });
      const model = keyValueModel();
      mustBeLinearizable(model, operations.flatMap(asKeyValue), { maxSteps: 300_000 });
    },
  };
}

function commandOf(input: LedgerInput): string | undefined {
  return input.kind === 'put' || input.kind === 'refuse' ? `${input.client}/${input.number}` : undefined;
}

function effectsOf({ effects }: LedgerState): readonly FoundEffect[] {
  return Object.entries(effects).flatMap(([client, numbers]) =>
    numbers.map((number, index) => ({ id: `${client}/${number}`, index })),
  );
}

function mustHaveGoneForward(node: string, { timeWentBack }: LedgerState): void {
  if (timeWentBack === 0) return;
  const finding = `on ${node}, the time of the log went back ${timeWentBack} times`;
  throw new FactBroken({ fact: 'log-time', finding, nodes: [node], indexes: [] });
}

/** The part of the history that the key-value model understands. */
function asKeyValue(operation: LedgerOperation): readonly Operation<KeyValueInput, KeyValueOutput>[] {
  const { input, outcome } = operation;
  if (input.kind === 'put') {
    const { key, value } = input;
    const before = mapOutput(outcome, (output) => (output as Effect).before);
    return [{ ...operation, input: { kind: 'set', key, value }, outcome: before }];
  }
  if (input.kind !== 'get' || input.consistency === 'session') return [];
  const found = mapOutput(outcome, (output) => (output as Seen).value);
  return [{ ...operation, input: { kind: 'get', key: input.key }, outcome: found }];
}

function mapOutput<From, To>(
  outcome: Operation<unknown, From>['outcome'],
  map: (output: From) => To,
): Operation<unknown, To>['outcome'] {
  return outcome.kind === 'returned' ? { ...outcome, output: map(outcome.output) } : outcome;
}
