import {
  type ClientTable,
  contractHash,
  contractOf,
  DecoraftError,
  type Operation,
  type Schema,
  splitContract,
} from '@decoraft/protocol';
import { decodeValue } from '@decoraft/rpc';
import { describe, expect, it } from 'vitest';
import { CallArguments, contractIn, Contracts, explained } from '../src/contracts.js';

const number: Schema = { kind: 'number' };
const operationOf = (result: Schema, optional = false): Operation => ({
  id: 7,
  name: 'add',
  kind: 'cmd',
  parameters: [{ name: 'amount', schema: number, optional }],
  result,
});
const own = operationOf(number);
const table: ClientTable = { operations: [{ ...own, contract: contractHash(own, {}) }], types: {} };
const contract = contractIn(table, 7);
const call = { target: 'till', contract, args: [5] };

const refusalOf = (data: unknown): DecoraftError => new DecoraftError('SchemaMismatch', 'another', { data });
const refusedBy = (operation: Operation): DecoraftError => refusalOf({ contract: contractOf(operation, {}) });

describe('the contract of a call', () => {
  it('is the own one, before arguments that describe themselves', () => {
    const { args, hash } = splitContract(new Contracts().encode(call));
    expect(hash).toBe(contract?.hash);
    expect(decodeValue(args)).toEqual([5]);
    expect(decodeValue(new Contracts().encode({ ...call, contract: undefined }))).toEqual([5]);
  });

  it('is that of the node once a refusal was compared, and for this target only', () => {
    const contracts = new Contracts();
    const other = operationOf(number, true);
    const args = new CallArguments(contracts, call);
    expect(args.adapt(refusedBy(other))).toBe(true);
    const hash = contractHash(other, {});
    expect(splitContract(args.bytes).hash).toBe(hash);
    expect(splitContract(contracts.encode(call)).hash).toBe(hash);
    expect(splitContract(contracts.encode({ ...call, target: 'another' })).hash).toBe(contract?.hash);
  });

  it('is followed a few times, and not for ever', () => {
    const args = new CallArguments(new Contracts(), call);
    const steps = Array.from({ length: 5 }, (_, at) =>
      args.adapt(refusedBy(operationOf(number, at % 2 === 0))),
    );
    expect(steps).toEqual([true, true, true, false, false]);
  });

  it.each<[string, DecoraftError]>([
    ['what does not fit', refusedBy(operationOf({ kind: 'string' }))],
    ['a refusal that says nothing', refusalOf(undefined)],
    ['a contract that cannot be read', refusalOf({ contract: { hash: 1, operation: { kind: 'cmd' } } })],
    ['another error', new DecoraftError('Unavailable', 'no', { data: { contract: contractOf(own, {}) } })],
  ])('stays the own one for %s', (_, refusal) => {
    const args = new CallArguments(new Contracts(), call);
    expect(args.adapt(refusal)).toBe(false);
    expect(splitContract(args.bytes).hash).toBe(contract?.hash);
  });

  it('is named in the error with that of the node, and what cannot be read stays as it came', () => {
    expect(explained(refusedBy(operationOf({ kind: 'string' })), call).message).toBe(
      'SchemaMismatch: till.add: the client was generated from add(amount: number): number, ' +
        'the node has add(amount: number): string: result: a string on the node, a number in the client',
    );
    const strange = refusalOf({ contract: { hash: 1 } });
    expect(explained(strange, call)).toBe(strange);
  });
});
