import { describe, expect, it } from 'vitest';
import {
  cmd,
  defineOperations,
  derived,
  qry,
  Replica,
  type ReplicaOptions,
  StateMachine,
} from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

const SIGNATURES = {
  nothing: ['qry'],
  assigns: ['qry'],
  counts: ['qry'],
  adds: ['qry'],
  deletes: ['qry'],
  pushes: ['qry'],
  sets: ['qry'],
  replaces: ['qry'],
  reaches: ['qry'],
  throws: ['qry'],
  remembers: ['qry'],
  fills: ['qry'],
} as const;

class Shelf extends StateMachine {
  private count = 1;
  private list = [3, 1, 2];
  private map = new Map([['a', { deep: { value: 1 } }]]);
  private extra?: string = 'here';
  @derived private memory: number[] = [];

  override restored(): void {
    this.memory = [];
  }

  @cmd put(key: string): void {
    this.map.set(key, { deep: { value: 0 } });
  }

  @qry nothing(): unknown {
    return [this.count, this.list, [...this.map], this.extra];
  }

  @qry assigns(): void {
    this.count = 2;
  }

  @qry counts(): void {
    this.count++;
  }

  @qry adds(): void {
    Object.assign(this, { other: 1 });
  }

  @qry deletes(): void {
    delete this.extra;
  }

  @qry pushes(): void {
    const alias = this.list;
    alias.push(1);
  }

  @qry sets(): void {
    helper(this.map);
  }

  @qry replaces(): void {
    this.map.set('a', { deep: { value: 9 } });
  }

  @qry reaches(): void {
    const found = this.map.get('a');
    if (found) found.deep.value = 2;
  }

  @qry throws(): void {
    this.list.length = 0;
    throw new Error('nothing left');
  }

  @qry fills(): unknown {
    return this.list.fill(0);
  }

  @qry remembers(): number {
    return this.memory.push(1);
  }
}

function helper(map: Map<string, unknown>): void {
  map.set('b', { deep: { value: 1 } });
}

defineOperations(Shelf, tableOf('Shelf', { put: ['cmd', { kind: 'string' }], ...SIGNATURES }));

function shelf(options: ReplicaOptions = { freezeQueries: true }) {
  const replica = new Replica(jsonCodec, options);
  replica.register('shelf', new Shelf());
  const ask = (name: string) => {
    const outcome = replica.query({ consistency: 'local', minIndex: 0, ...call('shelf', name) });
    return outcome.kind === 'value'
      ? jsonCodec.decode(outcome.value)
      : { code: outcome.code, message: outcome.message, data: jsonCodec.decode(outcome.data) };
  };
  return { replica, ask };
}

describe('a query that changes its machine, in development', () => {
  it.each([
    'assigns',
    'counts',
    'adds',
    'deletes',
    'pushes',
    'sets',
    'replaces',
    'reaches',
    'throws',
    'fills',
  ])('is answered with an error that names it, and has changed nothing: %s', (name) => {
    const { ask, replica } = shelf();
    const before = replica.stateHash();
    expect(ask(name)).toMatchObject({
      code: 'CommandRejected',
      message: expect.stringContaining(`shelf.${name} is a query, but changed`) as unknown,
      data: { machine: 'shelf', query: name },
    });
    expect(replica.stateHash()).toBe(before);
    expect(ask('nothing')).toEqual([1, [3, 1, 2], [['a', { deep: { value: 1 } }]], 'here']);
  });

  it('may keep what it has computed in a field that is derived', () => {
    const { ask } = shelf();
    expect([ask('remembers'), ask('remembers')]).toEqual([1, 2]);
  });

  it('is believed in production', () => {
    const { ask, replica } = shelf({});
    const before = replica.stateHash();
    expect(ask('counts')).toBeUndefined();
    expect(replica.stateHash()).not.toBe(before);
  });
});

class Large extends StateMachine {
  private readonly rows: { value: string }[] = [];
  private count = 0;

  constructor(bytes: number) {
    super();
    for (let at = 0; at < bytes / 1_000; at++) this.rows.push({ value: 'x'.repeat(1_000) });
  }

  @qry deep(): void {
    const [row] = this.rows;
    if (row) row.value = `${row.value.slice(1)}y`;
  }

  @qry shallow(): void {
    this.count++;
  }
}

defineOperations(Large, tableOf('Large', { deep: ['qry'], shallow: ['qry'] }));

function askLarge(bytes: number, name: string, times: number): readonly string[] {
  const replica = new Replica(jsonCodec, { freezeQueries: true });
  replica.register('large', new Large(bytes));
  return Array.from({ length: times }, () => {
    const outcome = replica.query({ consistency: 'local', minIndex: 0, ...call('large', name) });
    return outcome.kind === 'value' ? 'answered' : outcome.message;
  });
}

describe('a state that is large', () => {
  it('is compared around some queries', () => {
    const answers = askLarge(200_000, 'deep', 40);
    expect(answers.filter((answer) => answer.includes('put back'))).toHaveLength(4);
    expect(answers.filter((answer) => answer === 'answered')).toHaveLength(36);
  });

  it('is not compared when it is too large, but its fields are, around every query', () => {
    expect(new Set(askLarge(2_000_000, 'deep', 3))).toEqual(new Set(['answered']));
    for (const answer of askLarge(2_000_000, 'shallow', 3)) expect(answer).toContain('the field count');
  });
});
