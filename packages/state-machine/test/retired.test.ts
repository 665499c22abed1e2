import { stableHash } from '@decoraft/base';
import {
  type OperationTable,
  type Origin,
  type Proposal,
  type SessionId,
  encodeProposal,
  stampProposal,
} from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { cmd, defineOperations, event, qry, Replica, StateMachine, sub } from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

class Store extends StateMachine {
  private readonly keys: string[] = [];

  @sub({ retired: true }) onSet = event<() => string>();

  @cmd({ retired: true }) set(key: string): void {
    this.keys.push(key);
    this.onSet().notify(key);
  }

  @cmd({ was: 'add' }) put(key: string): void {
    this.keys.push(`${key}!`);
  }

  @qry({ retired: true }) size(): number {
    return this.keys.length;
  }

  @qry all(): readonly string[] {
    return this.keys;
  }
}

const table = tableOf('Store', {
  onSet: ['sub'],
  set: ['cmd', { kind: 'string' }],
  put: ['cmd', { kind: 'string' }],
  size: ['qry'],
  all: ['qry'],
});
const retiring = ['onSet', 'set', 'size'];
const operations = table.operations.map((operation) => ({
  ...operation,
  ...(operation.name === 'put' ? { id: stableHash('add') } : {}),
  ...(retiring.includes(operation.name) ? { retired: true as const } : {}),
}));
defineOperations(Store, { ...table, operations });

function started(): Replica {
  const replica = new Replica(jsonCodec);
  replica.register('things', new Store());
  const open = { kind: 'open-session', timeoutMs: 1_000 } as const;
  replica.apply({ index: 1, term: 1, data: stampProposal(1, encodeProposal(open)) });
  return replica;
}

const origin: Origin = { session: 1 as SessionId, sequence: 1, acknowledged: 0 };
const command = (operation: string, ...args: unknown[]): Proposal => {
  return { kind: 'command', origin, ...call('things', operation, ...args) };
};
const subscribe: Proposal = { kind: 'subscribe', origin, ...call('things', 'onSet') };
const all = (replica: Replica): unknown => {
  const outcome = replica.query(call('things', 'all') as never);
  return outcome.kind === 'value' ? jsonCodec.decode(outcome.value) : outcome;
};

describe('what is retired', () => {
  it('takes no new calls, and says so before anything is logged', () => {
    const replica = started();
    expect(() => replica.check(command('set', 'a'))).toThrow('Unimplemented: set of things is retired');
    expect(() => replica.check(subscribe)).toThrow('Unimplemented: onSet of things is retired');
    expect(replica.query(call('things', 'size') as never)).toMatchObject({
      kind: 'error',
      code: 'Unimplemented',
    });
  });

  it('is replayed from old logs as ever', () => {
    const replica = started();
    replica.apply({ index: 2, term: 1, data: stampProposal(2, encodeProposal(command('set', 'a'))) });
    expect(all(replica)).toEqual(['a']);
  });
});

describe('what has another name', () => {
  it('is called by the id of the name that it had first', () => {
    const replica = started();
    expect(() => replica.check(command('add', 'a'))).not.toThrow();
    expect(() => replica.check(command('put', 'a'))).toThrow('has no @cmd');
    replica.apply({ index: 2, term: 1, data: stampProposal(2, encodeProposal(command('add', 'a'))) });
    expect(all(replica)).toEqual(['a!']);
  });
});

describe('a table that is older than its class is refused', () => {
  const refused = (made: OperationTable['operations']) => {
    class Stale extends Store {}
    defineOperations(Stale, { ...table, operations: made });
    return () => new Replica(jsonCodec).register('things', new Stale());
  };
  const without = (member: string, change: object) =>
    operations.map((operation) => (operation.name === member ? { ...operation, ...change } : operation));

  it.each([
    ['set', { retired: undefined }, 'Stale.set is retired here but not in the generated table'],
    ['all', { retired: true }, 'Stale.all is retired in the generated table but not here'],
    ['put', { id: stableHash('put') }, 'Stale.put has not the id of add in the generated table'],
  ])('%s as %o', (member, change, words) => {
    expect(refused(without(member, change) as never)).toThrow(words);
  });

  it('and an override is what it overrides, unless it says another thing', () => {
    class Same extends Store {
      @cmd override set(key: string): void {
        super.set(key);
      }
      @qry({ retired: false }) override size(): number {
        return super.size();
      }
    }
    defineOperations(Same, { ...table, operations: without('size', { retired: undefined }) });
    expect(() => new Replica(jsonCodec).register('things', new Same())).not.toThrow();
  });
});
