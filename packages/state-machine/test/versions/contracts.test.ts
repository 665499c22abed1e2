import { contractHashOf, type Operation, type Proposal, withContract } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { operationsOf, type StateMachine } from '../../src/index.js';
import { add, agree, apply, OLD, OPEN, replicaOf, said } from './agreeing.js';
import { FirstLedger, SecondLedger } from './ledgers.js';

/** The call as a client makes it that was generated from this class. */
function by(machine: StateMachine, proposal: Proposal): Proposal {
  if (proposal.kind !== 'command') throw new Error('no command');
  const { operations, types } = operationsOf(machine);
  const operation = operations.find(({ id }) => id === Number(proposal.operation)) as Operation;
  return { ...proposal, args: withContract(contractHashOf(operation, types), proposal.args) };
}

describe('a call by the contract of another version', () => {
  it('is refused before anything is logged, with the contract that is known here', () => {
    const replica = replicaOf(new SecondLedger());
    apply(replica, agree(new SecondLedger(), true));
    expect(() => replica.check(by(new SecondLedger(), add(1, 'ann')))).not.toThrow();
    expect(() => replica.check(by(new FirstLedger(), add(1)))).toThrow(
      expect.objectContaining({
        code: 'SchemaMismatch',
        data: {
          contract: expect.objectContaining({
            operation: expect.objectContaining({ name: 'add' }) as unknown,
          }),
        },
      }),
    );
  });

  it('is refused at its entry, where the group has agreed on another one meanwhile, on all replicas alike', () => {
    const replicas = [replicaOf(new SecondLedger()), replicaOf(new SecondLedger())];
    const late = by(new FirstLedger(), add(1));
    const [outcome, other] = replicas.map((replica) => {
      for (const entry of [agree(new FirstLedger(), true), OPEN]) apply(replica, entry);
      expect(() => replica.check(late)).not.toThrow();
      apply(replica, agree(new SecondLedger()));
      return said(apply(replica, late));
    });
    expect(outcome).toContain('SchemaMismatch: ledger.add: the client was generated from another version');
    expect(other).toBe(outcome);
  });

  it('that stands in a log in which nothing was agreed on is replayed: it was let in once', () => {
    const replica = replicaOf(new FirstLedger());
    for (const entry of [OLD, OPEN]) apply(replica, entry);
    expect(said(apply(replica, by(new SecondLedger(), { ...add(3) })))).toBe(3);
  });
});
