import {
  type AgreedMachine,
  encodeProposal,
  machineId,
  type Proposal,
  type SessionId,
  stampProposal,
  tableText,
} from '@decoraft/protocol';
import { type Applied, operationsOf, Replica, type StateMachine } from '../../src/index.js';
import { call, jsonCodec } from '../fixtures.js';

/** Of the second entry: {@link OPEN} comes behind the first, which agrees or is {@link OLD}. */
export const session = 2 as SessionId;

/** A replica whose code has this class. */
export function replicaOf(machine: StateMachine): Replica {
  const replica = new Replica(jsonCodec);
  replica.register('ledger', machine);
  return replica;
}

/** What a server offers whose code has this class. */
export function agreed(machine: StateMachine, name = 'ledger'): AgreedMachine {
  const { version } = machine.constructor as typeof StateMachine;
  return { machine: machineId(name), name, version, table: tableText(operationsOf(machine)) };
}

export const agree = (machine: StateMachine, onlyFirst = false): Proposal => ({
  kind: 'agree-machines',
  onlyFirst,
  machines: [agreed(machine)],
});

/** The first entry of a group that has agreed on nothing. */
export const OLD: Proposal = { kind: 'advance-time' };
export const OPEN: Proposal = { kind: 'open-session', timeoutMs: 60_000 };

let sequence = 0;
export const add = (...args: unknown[]): Proposal => command('add', ...args);

export function command(operation: string, ...args: unknown[]): Proposal {
  sequence += 1;
  return {
    kind: 'command',
    origin: { session, sequence, acknowledged: 0 },
    ...call('ledger', operation, ...args),
  };
}

/** Applies the next entry of a log to a replica. */
export function apply(replica: Replica, proposal: Proposal, time?: number): Applied {
  const index = replica.appliedIndex + 1;
  return replica.apply({ index, term: 1, data: stampProposal(time ?? index * 10, encodeProposal(proposal)) });
}

export const applyAll = (replica: Replica, log: readonly Proposal[]): readonly Applied[] =>
  log.map((proposal) => apply(replica, proposal));

/** The value or the error of an entry. */
export function said({ outcome }: Applied): unknown {
  if (outcome.kind === 'error') return `${outcome.code}: ${outcome.message}`;
  return jsonCodec.decode(outcome.value);
}

export function sumOf(replica: Replica, ...args: unknown[]): unknown {
  const request = { ...call('ledger', 'sum', ...args), consistency: 'local', minIndex: 0 } as const;
  const outcome = replica.query(request);
  return outcome.kind === 'error' ? `${outcome.code}: ${outcome.message}` : jsonCodec.decode(outcome.value);
}
