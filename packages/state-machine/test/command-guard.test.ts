import {
  encodeProposal,
  type Proposal,
  type SessionId,
  stampProposal,
  type TimerId,
} from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CommandDiffered,
  cmd,
  defineOperations,
  derived,
  event,
  qry,
  Replica,
  StateMachine,
  sub,
} from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';
import { applyTo, createReplica, history, visible } from './ledger.js';

const text = { kind: 'string' } as const;
const number = { kind: 'number' } as const;

let outside = 0;

/** Does in each command what the next run of it cannot repeat, one way each. */
class Impure extends StateMachine {
  protected total = 0;
  private readonly items = new Map<string, { readonly tags: string[] }>();
  @derived private order: string[] = [];

  @sub onPut = event<(key: string) => number>();

  override restored(): void {
    this.order = [...this.items.keys()].toSorted();
  }

  @cmd result(): number {
    return ++outside;
  }

  @cmd field(): void {
    this.total = ++outside;
  }

  @cmd deep(key: string): void {
    this.items.set(key, { tags: ['a', `b${++outside}`] });
  }

  @cmd clock(): void {
    this.total = Date.now();
  }

  @cmd dice(): void {
    if (Math.random() < 2) this.total = Math.random();
  }

  @cmd tells(key: string): void {
    this.onPut(key).notify(++outside);
  }

  @cmd waits(): TimerId {
    return this.schedule(++outside, 'result');
  }

  @cmd fails(): void {
    throw new Error(`no ${++outside}`);
  }

  /** The order in which keys came is forgotten by a replica that was restored. */
  @cmd first(key: string): string | undefined {
    this.items.set(key, { tags: [] });
    this.order.push(key);
    return this.order[0];
  }

  override sessionEnded(session: SessionId): void {
    this.total = session + ++outside;
  }
}
defineOperations(
  Impure,
  tableOf('Impure', {
    onPut: ['sub', text],
    ...Object.fromEntries(
      ['result', 'field', 'clock', 'dice', 'waits', 'fails'].map((name) => [name, ['cmd']]),
    ),
    ...Object.fromEntries(['deep', 'tells', 'first'].map((name) => [name, ['cmd', text]])),
  }),
);

/** Commands that use all that they may. */
class Pure extends StateMachine {
  private readonly items = new Map<string, { readonly at: number; readonly chance: number }>();
  private readonly timers: TimerId[] = [];
  private names: readonly string[] = [];
  private ringing = 0;
  @derived private lengths = new Map<string, number>();
  readonly #label: string = 'pure';

  override snapshot(): unknown {
    return { items: this.items, timers: this.timers, names: this.names, ringing: this.ringing };
  }

  override restore(state: object): void {
    Object.assign(this, state);
  }

  override restored(): void {
    this.lengths = new Map([...this.items.keys()].map((key) => [key, key.length]));
  }

  @cmd put(key: string): unknown {
    const { random, time } = this.context;
    this.items.set(key, { at: time, chance: random() });
    this.lengths.set(key, key.length);
    if (this.lengths.get(key) === undefined) throw new Error('no length');
    this.timers.push(this.schedule(5, 'ring', key));
    const [oldest] = this.timers;
    if (oldest !== undefined && this.timers.length > 3) this.cancel(oldest);
    if (key === 'nobody') throw new Error('nobody');
    return [this.#label, [...this.items.values()]];
  }

  @cmd keep(names: string[]): void {
    this.names = names;
    this.names = [...names, ''];
  }

  @cmd ring(key: string): void {
    this.ringing += key.length;
  }
}
defineOperations(
  Pure,
  tableOf('Pure', {
    put: ['cmd', text],
    keep: ['cmd', { kind: 'array', element: text }],
    ring: ['cmd', text],
  }),
);

/** What its constructor takes, no second one can be given. */
class Configured extends StateMachine {
  private total = 0;
  constructor(private readonly step: number) {
    super();
  }

  @sub onAdded = event<() => number>();

  @cmd add(): number {
    this.onAdded().notify(this.step);
    return (this.total += this.step);
  }

  @cmd wrong(): number {
    return (this.total += ++outside);
  }
}
defineOperations(Configured, tableOf('Configured', { onAdded: ['sub'], add: ['cmd'], wrong: ['cmd'] }));

class Hidden extends Configured {
  @cmd override add(): number {
    return this.#twice() + ++outside;
  }

  #twice(): number {
    return super.add() * 2;
  }
}
defineOperations(Hidden, tableOf('Hidden', { onAdded: ['sub'], add: ['cmd'], wrong: ['cmd'] }));

/** A log of commands of one session, on a replica that has them run twice. */
class Run {
  readonly found: CommandDiffered[] = [];
  readonly replica = new Replica(jsonCodec, { onCommandDiffered: (differed) => this.found.push(differed) });
  #index = 0;

  constructor(readonly machine: StateMachine) {
    this.replica.register('machine', machine);
    this.apply({ kind: 'open-session', timeoutMs: 5_000 });
  }

  apply(proposal: Proposal) {
    const index = ++this.#index;
    const data = stampProposal(1_000 + 10 * index, encodeProposal(proposal));
    return this.replica.apply({ index, term: 1, data }).outcome;
  }

  command(name: string, ...args: unknown[]): unknown {
    const origin = { session: 1 as SessionId, sequence: this.#index, acknowledged: 0 };
    const outcome = this.apply({ kind: 'command', origin, ...call('machine', name, ...args) });
    return outcome.kind === 'value' ? jsonCodec.decode(outcome.value) : outcome.message;
  }
}

describe('a command that does something else when it runs again, in development', () => {
  it.each([
    ['result', [], { what: 'result', path: '' }],
    ['field', [], { what: 'state', path: '.total' }],
    ['deep', ['k'], { what: 'state', path: '.items.get("k").tags[1]' }],
    ['clock', [], { what: 'state', path: '.total' }],
    ['dice', [], { what: 'state', path: '.total' }],
    ['tells', ['k'], { what: 'events', path: '[0].value' }],
    ['waits', [], { what: 'timers', path: '[0].delayMs' }],
    ['fails', [], { what: 'result', path: '.message' }],
  ])('is found, with the place: %s', (command, args, place) => {
    const run = new Run(new Impure());
    run.command(command, ...args);
    expect(run.found).toEqual([
      expect.objectContaining({ machine: 'machine', command, index: 2, ...place }) as unknown,
    ]);
  });

  it('is found with what came of the first run and of the second', () => {
    outside = 40;
    const run = new Run(new Impure());
    expect(run.command('result')).toBe(41);
    expect(run.found).toMatchObject([{ first: '41', second: '42' }]);
  });

  it('has done what it did the first time, and nothing else', () => {
    outside = 50;
    const run = new Run(new Impure());
    run.command('field');
    run.command('deep', 'k');
    run.command('waits');
    expect(run.machine).toMatchObject({ total: 51, items: new Map([['k', { tags: ['a', 'b53'] }]]) });
    expect([run.replica.timers.count, run.replica.timers.nextDueMs]).toEqual([1, 1_040 + 55]);
  });

  it('is told of once', () => {
    const run = new Run(new Impure());
    for (let at = 0; at < 5; at++) run.command('field');
    expect(run.found).toHaveLength(1);
  });

  it('is found where only a replica that was restored would differ', () => {
    const run = new Run(new Impure());
    expect(['b', 'a', 'c'].map((key) => run.command('first', key))).toEqual(['b', 'b', 'b']);
    expect(run.found).toMatchObject([{ command: 'first', index: 4, first: '"b"', second: '"a"' }]);
  });

  it('is found where a session ends', () => {
    const run = new Run(new Impure());
    run.apply({ kind: 'close-session', session: 1 as SessionId });
    expect(run.found).toMatchObject([{ command: 'sessionEnded', index: 2, what: 'state', path: '.total' }]);
  });
});

describe('a command that does the same again', () => {
  it('is not told of, whatever it may use of its context, timers and derived fields', () => {
    const run = new Run(new Pure());
    const keys = ['a', 'b', 'nobody', 'a', 'c', 'd', 'e'];
    for (const key of keys) run.command('put', key);
    run.command('keep', ['x', 'y']);
    expect(run.found).toEqual([]);
    expect(run.machine).toMatchObject({ names: ['x', 'y', ''], ringing: expect.any(Number) as unknown });
  });

  it('leaves a replica that is equal to one where nothing runs twice', () => {
    fc.assert(
      fc.property(history, (proposals) => {
        const found: CommandDiffered[] = [];
        const plain = createReplica();
        const checked = createReplica({ onCommandDiffered: (differed) => found.push(differed) });
        for (const at of proposals.keys()) {
          expect(applyTo(checked, proposals, at)).toEqual(applyTo(plain, proposals, at));
          expect(checked.stateHash()).toBe(plain.stateHash());
        }
        expect(visible(checked)).toEqual(visible(plain));
        expect(found).toEqual([]);
      }),
    );
  });
});

describe('a machine whose constructor takes something', () => {
  it('is made a second time without it, and has its commands compared', () => {
    const run = new Run(new Configured(5));
    expect([run.command('add'), run.command('add')]).toEqual([5, 10]);
    expect(run.found).toEqual([]);
    run.command('wrong');
    expect(run.found).toMatchObject([{ command: 'wrong', what: 'result' }]);
  });

  it('is believed where its class has what nobody else can make', () => {
    const run = new Run(new Hidden(5));
    run.command('add');
    expect(run.found).toEqual([]);
  });
});

class Throwing extends StateMachine {
  static made = 0;
  private total = 0;
  @derived private isWhole = true;

  override restored(): void {
    if (!this.isWhole || this.total > 1) throw new Error('cannot be restored');
  }

  @cmd add(): number {
    this.total += 1;
    this.isWhole = true;
    return ++outside > 0 ? this.total : 0;
  }

  @qry get(): number {
    return this.total;
  }
}
defineOperations(Throwing, tableOf('Throwing', { add: ['cmd'], get: ['qry'] }));

it('a machine that cannot be restored goes on as it is', () => {
  const run = new Run(new Throwing());
  expect([1, 2, 3, 4].map(() => run.command('add'))).toEqual([1, 2, 3, 4]);
  expect(run.found).toEqual([]);
});

class Large extends StateMachine {
  private readonly rows: string[] = [];

  @cmd fill(rows: number): void {
    for (let at = 0; at < rows; at++) this.rows.push('x'.repeat(1_000));
  }

  @cmd wrong(): void {
    this.rows[0] = `${++outside}`;
  }
}
defineOperations(Large, tableOf('Large', { fill: ['cmd', number], wrong: ['cmd'] }));

it('a large state is compared rarely, one of more than a megabyte not at all', () => {
  const some = new Run(new Large());
  some.command('fill', 100);
  for (let at = 0; at < 3; at++) some.command('wrong');
  expect(some.found).toHaveLength(1);
  const many = new Run(new Large());
  many.command('fill', 1_200);
  for (let at = 0; at < 20; at++) many.command('wrong');
  expect(many.found).toEqual([]);
});

it('the clock is what it was when a command has run twice', () => {
  const { now } = Date;
  const run = new Run(new Impure());
  run.command('clock');
  run.command('fails');
  expect(Date.now).toBe(now);
});
