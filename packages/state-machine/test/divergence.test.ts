import { encodeProposal, machineId, type Proposal, type SessionId, stampProposal } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { type Applied, type Diverged, Replica } from '../src/index.js';
import { call, jsonCodec } from './fixtures.js';
import { Ledger, Shelf } from './ledger.js';

/** Replicas of one group with one log, and what each entry had them do. */
class Group {
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly ledgers = new Map<string, Ledger>();
  index = 0;

  constructor(readonly nodes: readonly string[]) {
    this.replicas = new Map(nodes.map((node) => [node, this.#start(node)]));
    this.apply({ kind: 'open-session', timeoutMs: 5_000 });
  }

  #start(node: string): Replica {
    const replica = new Replica(jsonCodec);
    const ledger = new Ledger();
    this.ledgers.set(node, ledger);
    replica.register('ledger', ledger);
    replica.register('shelf', new Shelf());
    return replica;
  }

  apply(proposal: Proposal, to: Iterable<Replica> = this.replicas.values()): readonly Applied[] {
    this.index += 1;
    const data = stampProposal(1_000 + this.index, encodeProposal(proposal));
    return [...to].map((replica) => replica.apply({ index: this.index, term: 1, data }));
  }

  pay(sequence: number): void {
    const origin = { session: 1 as SessionId, sequence, acknowledged: 0 };
    this.apply({ kind: 'command', origin, ...call('ledger', 'pay', 'ann', 5) });
  }

  spoil(node: string, total = 1n): void {
    const ledger = this.ledgers.get(node);
    if (ledger) ledger.total += total;
  }

  /** @returns The index of the check. */
  check(): number {
    this.apply({ kind: 'state-check', nodes: this.nodes });
    return this.index;
  }

  /** Has a server tell what it had at `index`; gives what every replica makes of that. */
  tell(node: string, index: number): readonly (readonly Diverged[])[] {
    const hashes = this.replicas.get(node)?.takeCheck(index)?.hashesNow() ?? [];
    return this.apply({ kind: 'state-hashes', node, index, hashes }).map(({ effects = [] }) =>
      effects.filter(({ kind }) => kind === 'diverged').map((effect) => effect as Diverged),
    );
  }
}

describe('replicas compare their states through the log', () => {
  it('an entry asks all of them; its view is taken once, and is of that entry', () => {
    const group = new Group(['a', 'b', 'c']);
    group.pay(1);
    const before = group.replicas.get('a')!;
    const applied = group.apply({ kind: 'state-check', nodes: group.nodes });
    const { index } = group;
    const effects = [{ kind: 'state-check-due', index, nodes: ['a', 'b', 'c'] }];
    for (const { effects: due, outcome } of applied) {
      expect(due).toEqual(effects);
      expect(outcome.kind).toBe('value');
    }
    group.pay(2);
    expect(before.takeCheck(index + 1)).toBeUndefined();
    expect(before.takeCheck(index)?.index).toBe(index);
    expect(before.takeCheck(index)).toBeUndefined();
  });

  it('equal states have nothing to say, in whatever order they come', () => {
    const group = new Group(['a', 'b', 'c']);
    group.pay(1);
    const index = group.check();
    group.pay(2);
    for (const node of ['c', 'a', 'b']) expect(group.tell(node, index)).toEqual([[], [], []]);
  });

  it('all of them name machine, index and who is in the minority', () => {
    const group = new Group(['a', 'b', 'c']);
    group.pay(1);
    group.spoil('b');
    const index = group.check();
    group.pay(2);
    expect(group.tell('a', index)).toEqual([[], [], []]);
    expect(group.tell('c', index)).toEqual([[], [], []]);
    const found = group.tell('b', index);
    expect(found[0]).toMatchObject([
      {
        kind: 'diverged',
        index,
        machine: 'ledger',
        minority: ['b'],
        nodes: [{ node: 'a' }, { node: 'b' }, { node: 'c' }],
      },
    ]);
    const [one, two, three] = found[0]?.[0]?.nodes.map(({ hash }) => hash) ?? [];
    expect(three).toBe(one);
    expect(two).not.toBe(one);
    expect(found).toEqual([found[0], found[0], found[0]]);
  });

  it('a tie names nobody as minority, and the third voice breaks it', () => {
    const group = new Group(['a', 'b', 'c']);
    group.spoil('b');
    const index = group.check();
    group.tell('b', index);
    const tie = group.tell('a', index);
    for (const found of tie) expect(found).toMatchObject([{ machine: 'ledger', minority: [] }]);
    const broken = group.tell('c', index);
    for (const found of broken) expect(found).toMatchObject([{ machine: 'ledger', minority: ['b'] }]);
    const pair = new Group(['a', 'b']);
    pair.spoil('a');
    const at = pair.check();
    pair.tell('a', at);
    expect(pair.tell('b', at)[0]).toMatchObject([{ minority: [] }]);
  });

  it('three of three that all differ have no majority', () => {
    const group = new Group(['a', 'b', 'c']);
    group.spoil('a', 1n);
    group.spoil('b', 2n);
    const index = group.check();
    const all = ['a', 'b', 'c'].map((node) => group.tell(node, index)[0]);
    expect(all).toMatchObject([[], [{ minority: [] }], []]);
  });

  it('whoever was restored behind the first voices says nothing, never the wrong thing', () => {
    const group = new Group(['a', 'b', 'c', 'd', 'e']);
    for (const node of ['d', 'e']) group.spoil(node);
    const index = group.check();
    for (const node of ['a', 'b']) group.tell(node, index);
    const late = group.replicas.get('c')!;
    const hashes = late.takeCheck(index)!.hashesNow();
    const restored = new Replica(jsonCodec);
    restored.register('ledger', new Ledger());
    restored.register('shelf', new Shelf());
    restored.restore(group.replicas.get('a')!.snapshot());
    const [told] = group.apply({ kind: 'state-hashes', node: 'c', index, hashes }, [restored]);
    expect(told?.effects).toBeUndefined();
  });

  it('a majority is one of all who were asked', () => {
    const group = new Group(['a', 'b', 'c', 'd', 'e']);
    for (const node of ['d', 'e']) group.spoil(node);
    const index = group.check();
    expect(group.tell('d', index)[0]).toEqual([]);
    expect(group.tell('e', index)[0]).toEqual([]);
    expect(group.tell('a', index)[0]).toMatchObject([{ minority: [] }]);
    expect(group.tell('b', index)[0]).toEqual([]);
    expect(group.tell('c', index)[0]).toMatchObject([{ minority: ['d', 'e'] }]);
  });

  it('what belongs to no machine is compared as well', () => {
    const group = new Group(['a', 'b', 'c']);
    const spoilt = group.replicas.get('a')!.sessions.get(1 as SessionId)!;
    spoilt.acknowledged = 7;
    const index = group.check();
    for (const node of ['c', 'b']) group.tell(node, index);
    expect(group.tell('a', index)[0]).toMatchObject([{ machine: '*', index, minority: ['a'] }]);
  });

  it('a machine that one of them does not know is compared among the others', () => {
    const group = new Group(['a', 'b', 'c']);
    const index = group.check();
    const hashes = group.replicas.get('a')!.takeCheck(index)!.hashesNow();
    const known = hashes.filter(({ machine }) => machine !== machineId('shelf'));
    const unknown = [...hashes, { machine: machineId('new'), hash: 'x' }];
    const tell = (node: string, told: typeof hashes) =>
      group.apply({ kind: 'state-hashes', node, index, hashes: told })[0]?.effects;
    expect(tell('a', known)).toBeUndefined();
    expect(tell('b', unknown)).toBeUndefined();
    expect(tell('c', [...hashes, { machine: machineId('new'), hash: 'y' }])).toMatchObject([
      { machine: `#${machineId('new')}`, minority: [], nodes: [{ node: 'b' }, { node: 'c' }] },
    ]);
  });

  it('strangers, second words and checks that nobody remembers are not heard', () => {
    const group = new Group(['a', 'b', 'c']);
    const index = group.check();
    for (const node of ['a', 'b', 'c']) group.tell(node, index);
    const hashes = [{ machine: machineId('ledger'), hash: 'other' }];
    const say = (node: string, at: number) =>
      group.apply({ kind: 'state-hashes', node, index: at, hashes })[0]?.effects;
    expect(say('x', index)).toBeUndefined();
    expect(say('a', index)).toBeUndefined();
    expect(say('a', index + 1)).toBeUndefined();
    const old = group.check();
    group.tell('a', old);
    for (let more = 0; more < 16; more++) group.check();
    expect(say('b', old)).toBeUndefined();
  });

  it('a state that cannot be kept is not compared, and stops nothing', () => {
    const group = new Group(['a', 'b', 'c']);
    Object.assign(group.ledgers.get('a')!, { note: () => 1 });
    const [spoilt, sound] = group.apply({ kind: 'state-check', nodes: group.nodes });
    expect(spoilt).toEqual(sound);
    expect(group.replicas.get('a')!.takeCheck(group.index)).toBeUndefined();
    group.pay(1);
  });
});
