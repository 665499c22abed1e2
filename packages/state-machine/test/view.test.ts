import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wideHash } from '@decoraft/base';
import {
  encodeProposal,
  type MachineId,
  machineId,
  MASTER_MACHINE,
  type Proposal,
  type SessionId,
  stampProposal,
} from '@decoraft/protocol';
import { cmd, defineOperations, Replica, StateMachine } from '../src/index.js';
import { joinBytes } from '../src/state/join-bytes.js';
import { call, jsonCodec, tableOf } from './fixtures.js';
import { applyTo, createReplica, history, visible } from './ledger.js';

const CHUNK_BYTES = 256 * 1024;
const text = { kind: 'string' } as const;
const open: Proposal = { kind: 'open-session', timeoutMs: 5_000 };
const put = (sequence: number, key: string, value: string): Proposal => ({
  kind: 'command',
  origin: { session: 1 as SessionId, sequence, acknowledged: 0 },
  ...call('things', 'put', key, value),
});

interface Item {
  value: string;
  readonly tags: string[];
}

/** Keeps everything in its fields, and changes objects in place. */
class Plain extends StateMachine {
  readonly items = new Map<string, Item>();
  readonly order: Item[] = [];
  @cmd put(key: string, value: string): void {
    const item = this.items.get(key) ?? { value, tags: [] };
    item.value = value;
    item.tags.push(value);
    this.items.set(key, item);
    this.order.unshift(item);
  }
}

/** Streams a copy of its entries; what it holds is never changed, only replaced. */
class Streaming extends StateMachine {
  items = new Map<string, string>();
  ended = 0;
  @cmd put(key: string, value: string): void {
    this.items.set(key, value);
  }
  override *snapshot(): Generator<readonly (readonly [string, string])[]> {
    const entries = [...this.items];
    try {
      for (let at = 0; at < entries.length; at += 100) yield entries.slice(at, at + 100);
    } finally {
      this.ended += 1;
    }
  }
  override restore(chunks: Iterable<readonly (readonly [string, string])[]>): void {
    this.items = new Map([...chunks].flat());
  }
}

/** As above, but it takes its time. */
class Waiting extends StateMachine {
  items = new Map<string, string>();
  @cmd put(key: string, value: string): void {
    this.items.set(key, value);
  }
  override async *snapshot(): AsyncGenerator<readonly (readonly [string, string])[]> {
    const entries = [...this.items];
    for (let at = 0; at < entries.length; at += 100) {
      await Promise.resolve();
      yield entries.slice(at, at + 100);
    }
  }
  override async restore(chunks: AsyncIterable<readonly (readonly [string, string])[]>): Promise<void> {
    const items = new Map<string, string>();
    for await (const chunk of chunks) for (const [key, value] of chunk) items.set(key, value);
    this.items = items;
  }
}

const table = tableOf('Things', { put: ['cmd', text, text] });
for (const machine of [Plain, Streaming, Waiting]) defineOperations(machine, table);

type Things = (StateMachine & { items: Map<string, unknown> }) | Streaming;

function hosting<Machine extends StateMachine>(instance: Machine): { replica: Replica; instance: Machine } {
  const replica = new Replica(jsonCodec);
  replica.register('things', instance);
  return { replica, instance };
}

/** Puts `count` entries, behind those that are there. */
function fill(replica: Replica, count: number): Proposal[] {
  const log = [
    open,
    ...Array.from({ length: count }, (_, at) => put(at + 1, `key ${at}`, `value ${at}`.repeat(4))),
  ];
  for (const at of log.keys()) applyTo(replica, log, at);
  return log;
}

async function gathered(
  chunks: AsyncIterable<Uint8Array>,
  between: () => void = () => {},
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) {
    all.push(chunk);
    between();
  }
  return joinBytes(all);
}

async function* cut(image: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let [at, number] = [0, 0]; at < image.length; number++) {
    const length = Math.max(1, lengths[number % lengths.length] ?? 1);
    const chunk = image.slice(at, at + length);
    yield chunk;
    // Its memory is the sender's again.
    chunk.fill(0xff);
    at += length;
  }
}

describe('a view is of the index at which it was taken, whatever is applied while it is read', () => {
  it('at any point of any history, read at any later point', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(), async (log, from, to) => {
        const replica = createReplica();
        const [taken, read] = [from % log.length, to % log.length].toSorted(
          (left, right) => left - right,
        ) as [number, number];
        const views = [];
        let expected = new Uint8Array(0);
        for (const at of log.keys()) {
          applyTo(replica, log, at);
          if (at === taken) {
            expected = replica.snapshot().slice();
            views.push(replica.view(), replica.view());
          }
          const [view] = views;
          if (at === read && view) expect(await gathered(view.chunks())).toEqual(expected);
        }
        expect(views[1]?.index).toBe(taken + 1);
        expect(joinBytes([...(views[1]?.chunksNow() ?? [])])).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, () => Things]>([
    ['of fields that commands change in place', () => new Plain()],
    ['of a machine that streams', () => new Streaming()],
    ['of a machine that streams and waits', () => new Waiting()],
  ])('%s, with a command after every chunk', async (_, create) => {
    const { instance, replica } = hosting(create());
    const log = fill(replica, 15_000);
    const target = hosting(create());
    const index = replica.appliedIndex;
    const before = structuredClone(instance.items);
    const change = (): void => {
      const sequence = log.length;
      log.push(
        put(sequence, `key ${sequence % 7}`, 'changed'),
        put(sequence + 1, `new ${sequence}`, 'added'),
      );
      expect(applyTo(replica, log, sequence).outcome.kind).toBe('value');
      applyTo(replica, log, sequence + 1);
    };
    const view = replica.view();
    change();
    const image = await gathered(view.chunks(), change);
    expect(image.length).toBeGreaterThan(2 * CHUNK_BYTES);
    let turns = 0;
    await target.replica.restoreFrom(cut(image, [100_000]), async () => void (turns += 1));
    expect(turns).toBeGreaterThan(10);
    expect(target.replica.appliedIndex).toBe(index);
    expect(target.instance.items).toEqual(before);
    expect(instance.items).not.toEqual(before);
  });

  it('and was settled before, as little at a time as one likes', async () => {
    const { instance, replica } = hosting(new Plain());
    const log = fill(replica, 5_000);
    const expected = replica.snapshot().slice();
    const [half, unread] = [replica.view(), replica.view()];
    const chunks = half.chunks();
    const first = (await chunks.next()).value!;
    let turns = 0;
    await replica.settleViews(async () => void (turns += 1));
    expect(turns).toBeGreaterThan(10);
    // Nothing is left to do: what changes behind the back of the replica is not seen either.
    instance.order.length = 0;
    instance.items.clear();
    log.push(put(5_001, 'key 0', 'changed'));
    applyTo(replica, log, 5_001);
    expect(wideHash(joinBytes([first, await gathered(chunks)]))).toBe(wideHash(expected));
    expect(wideHash(await gathered(unread.chunks()))).toBe(wideHash(expected));
  });

  it('several at once, and one that nobody reads does no harm', async () => {
    const { replica } = hosting(new Plain());
    const log = fill(replica, 10);
    const expected = replica.snapshot().slice();
    const [one, unread, other] = [replica.view(), replica.view(), replica.view()];
    log.push(put(11, 'key 0', 'changed'));
    applyTo(replica, log, 11);
    const later = replica.view();
    expect(await gathered(one.chunks())).toEqual(expected);
    expect(await gathered(other.chunks())).toEqual(expected);
    expect(await gathered(later.chunks())).toEqual(replica.snapshot());
    unread.close();
    expect([...unread.chunksNow()]).toEqual([]);
  });

  it.each<[string, boolean]>([
    ['at once', false],
    ['from a stream', true],
  ])('also when the replica is restored meanwhile, %s', async (_, isStreamed) => {
    class InPlace extends Plain {
      override snapshot(): unknown {
        return this.items;
      }
      override restore(items: ReadonlyMap<string, Item>): void {
        this.items.clear();
        for (const [key, item] of items) this.items.set(key, item);
      }
    }
    defineOperations(InPlace, table);
    const { replica } = hosting(new InPlace());
    fill(replica, 10);
    const expected = replica.snapshot().slice();
    const view = replica.view();
    const other = hosting(new InPlace());
    fill(other.replica, 20);
    if (isStreamed) await replica.restoreFrom(other.replica.view().chunks());
    else replica.restore(other.replica.snapshot());
    expect(replica.stateHash()).toBe(other.replica.stateHash());
    expect(await gathered(view.chunks())).toEqual(expected);
  });
});

describe('the chunks of a view', () => {
  it('are of one length, but for the last', async () => {
    const { replica } = hosting(new Plain());
    fill(replica, 15_000);
    const lengths: number[] = [];
    for await (const { length } of replica.view().chunks()) lengths.push(length);
    expect(lengths.slice(0, -1)).toEqual(Array.from({ length: lengths.length - 1 }, () => CHUNK_BYTES));
    expect(lengths.at(-1)).toBeLessThan(CHUNK_BYTES);
    expect(lengths.length).toBeGreaterThan(4);
  });

  it('may be cut otherwise, and come back as the same state', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        async (log, lengths) => {
          const source = createReplica();
          for (const at of log.keys()) applyTo(source, log, at);
          const target = createReplica();
          await target.restoreFrom(cut(source.snapshot(), lengths));
          expect(visible(target)).toEqual(visible(source));
          expect(target.stateHash()).toBe(source.stateHash());
        },
      ),
      { numRuns: 100 },
    );
  });

  it('that end early, or break off, change nothing', async () => {
    const { replica } = hosting(new Waiting());
    const image = await gathered(replica.view().chunks());
    const held = hosting(new Waiting());
    fill(held.replica, 3);
    await expect(held.replica.restoreFrom(cut(image.subarray(0, -1), [7]))).rejects.toThrow('Corrupted');
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield image.subarray(0, 5);
      await Promise.resolve();
      throw new Error('the connection is lost');
    };
    await expect(held.replica.restoreFrom(broken())).rejects.toThrow('the connection is lost');
    await expect(held.replica.restoreFrom(cut(image, [9]))).rejects.toThrow('an image at 0 is older than 4');
    expect(held.instance.items.size).toBe(3);
  });
});

describe('a machine that streams', () => {
  it('gives equal images for equal states, in one piece as well', async () => {
    const [one, other] = [hosting(new Streaming()), hosting(new Streaming())];
    for (const { replica } of [one, other]) fill(replica, 1_000);
    expect(other.replica.stateHash()).toBe(one.replica.stateHash());
    expect(wideHash(await gathered(one.replica.view().chunks()))).toBe(other.replica.stateHash());
    const target = hosting(new Streaming());
    target.replica.restore(one.replica.snapshot());
    expect(target.instance.items).toEqual(one.instance.items);
    expect(target.replica.stateHash()).toBe(one.replica.stateHash());
  });

  it('goes back to what it was when an image has nothing for it', async () => {
    for (const { instance, replica } of [hosting(new Streaming()), hosting(new Waiting())]) {
      fill(replica, 250);
      const empty = new Replica(jsonCodec);
      for (let index = 1; index <= 300; index++) empty.skip(index);
      await replica.restoreFrom(empty.view().chunks());
      expect(instance.items.size).toBe(0);
    }
  });

  it('is told when nobody reads on', async () => {
    const { instance, replica } = hosting(new Streaming());
    fill(replica, 1_000);
    const ended = instance.ended;
    for await (const chunk of hosting(new Streaming()).replica.view().chunks())
      expect(chunk.length).toBeGreaterThan(0);
    const view = replica.view();
    expect(instance.ended).toBe(ended);
    view.close();
    view.close();
    expect(instance.ended).toBe(ended + 1);
    await expect(view.hashes(async () => {})).rejects.toThrow('closed before it was read to its end');
  });

  it('is named with what is wrong: a throw, what is no data, a state that it did not write', async () => {
    class Throwing extends Streaming {
      override *snapshot(): Generator<readonly (readonly [string, string])[]> {
        yield [];
        if (this.items.size > 0) throw new Error('no more');
      }
    }
    class Function extends Streaming {
      override *snapshot(): Generator<never> {
        if (this.items.size > 0) yield [() => 1] as never;
      }
    }
    const failing: readonly [Streaming, string][] = [
      [new Throwing(), 'Internal: things.snapshot() threw: no more'],
      [new Function(), 'InvalidArgument: things.snapshot()[0] holds a function'],
    ];
    for (const [machine, words] of failing) {
      defineOperations(machine.constructor as typeof Streaming, table);
      const { replica } = hosting(machine);
      const log = fill(replica, 2);
      await expect((async () => gathered(replica.view().chunks()))()).rejects.toThrow(words);
      expect(() => replica.snapshot()).toThrow(words);
      log.push(put(3, 'a', 'b'));
      expect(applyTo(replica, log, 3).outcome.kind).toBe('value');
    }
    const plain = hosting(new Plain());
    expect(() => plain.replica.restore(hosting(new Streaming()).replica.snapshot())).toThrow(
      'Corrupted: the state of machine things is no plain object of fields',
    );
    const earlier: unknown[] = [];
    class Later extends Streaming {
      override restore(state: unknown): void {
        earlier.push(state);
      }
    }
    defineOperations(Later, table);
    hosting(new Later()).replica.restore(plain.replica.snapshot());
    expect(earlier).toEqual([{ items: new Map(), order: [] }]);
  });

  it('and waits cannot be had in one piece', async () => {
    const { replica } = hosting(new Waiting());
    expect(() => replica.snapshot()).toThrow('Unimplemented');
    expect(() => replica.stateHash()).toThrow('Unimplemented');
    const image = await gathered(replica.view().chunks());
    expect(() => replica.restore(image)).toThrow('Unimplemented: things.restore() waits');
    const late = new Replica(jsonCodec);
    late.restore(image);
    expect(() => late.register('things', new Waiting())).toThrow('Unimplemented');
  });

  it('whose restore() rejects stops the restore, by its name', async () => {
    class Rejecting extends Waiting {
      override async restore(): Promise<void> {
        return Promise.reject(new Error('no'));
      }
    }
    defineOperations(Rejecting, table);
    const { replica } = hosting(new Rejecting());
    await expect(replica.restoreFrom(replica.view().chunks())).rejects.toThrow(
      'Internal: things.restore() threw: no',
    );
  });

  it('is refused when it is registered where its first words are wrong, or its halves have the wrong form', () => {
    class Bad extends Streaming {
      override *snapshot(): Generator<never> {
        yield Symbol('x') as never;
      }
    }
    class Half extends StateMachine {
      override snapshot(): unknown {
        return 1;
      }
      override restore(): void {}
    }
    const generator = function* (): Generator<number> {
      yield 1;
    };
    Object.defineProperty(Half.prototype, 'restore', { value: generator });
    for (const machine of [Bad, Half]) defineOperations(machine, tableOf('Things', {}));
    defineOperations(Bad, table);
    expect(() => hosting(new Bad())).toThrow('InvalidArgument: things.snapshot() holds a symbol');
    expect(() => hosting(new Half())).toThrow('Half.restore is a generator');
  });
});

describe('the hashes of a view', () => {
  it('are one for each machine and one for the rest, and change with nothing else', async () => {
    const [one, other] = [createReplica(), createReplica()];
    const shelf: Proposal = { ...put(1, 'a', 'b'), ...call('shelf', 'put', 'cup') };
    const log = [open, shelf];
    for (const replica of [one, other]) for (const at of log.keys()) applyTo(replica, log, at);
    const giveWay = async (): Promise<void> => {};
    const hashes = new Map((await one.view().hashes(giveWay)).map(({ hash, machine }) => [machine, hash]));
    expect(
      new Map(
        other
          .view()
          .hashesNow()
          .map(({ hash, machine }) => [machine, hash]),
      ),
    ).toEqual(hashes);
    expect(new Set(hashes.keys())).toEqual(
      new Set([MASTER_MACHINE, machineId('ledger'), machineId('shelf')]),
    );
    const changed = (replica: Replica): MachineId[] =>
      replica
        .view()
        .hashesNow()
        .filter(({ hash, machine }) => hashes.get(machine) !== hash)
        .map(({ machine }) => machine);
    other.skip(3);
    expect(changed(other)).toEqual([MASTER_MACHINE]);
    const again: Proposal = { ...put(2, 'a', 'b'), ...call('shelf', 'put', 'cup') };
    one.apply({ index: 3, term: 1, data: stamped(again) });
    expect(changed(one)).toEqual([MASTER_MACHINE, machineId('shelf')]);
  });

  it('are those of the chunks, read before or not', async () => {
    const { replica } = hosting(new Waiting());
    fill(replica, 500);
    const view = replica.view();
    await gathered(view.chunks());
    const turns: number[] = [];
    const giveWay = async (): Promise<void> => void turns.push(1);
    expect(await view.hashes(giveWay)).toEqual(await replica.view().hashes(giveWay));
    expect(turns.length).toBeGreaterThan(0);
    const beside = [{ machine: 1 as MachineId, hash: 'members' }];
    const bound = new Replica(jsonCodec, { hashesBeside: () => beside });
    expect(bound.view().hashesNow()).toContainEqual(beside[0]);
  });
});

function stamped(proposal: Proposal): Uint8Array {
  return stampProposal(1_000, encodeProposal(proposal));
}
