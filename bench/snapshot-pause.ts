/**
 * How long a snapshot of a large state stops everything else, longest turn first: `npx tsx bench/snapshot-pause.ts`,
 * with the number of entries as an argument (a million without one).
 *
 * `at once` is the whole image in one turn. Elsewhere an image is read chunk by chunk, with a turn of the event loop in
 * between: `idle` while no command comes, `busy` with one command a turn, which is what a group that serves has, and
 * `held` with one command a turn that waits until the state was written, so that it is late and nothing else is.
 * `restored` is the way back.
 */
import { encodeProposal, machineId, operationId, type SessionId, stampProposal } from '@decoraft/protocol';
import { cmd, defineOperations, Replica, StateMachine, type ValueCodec } from '@decoraft/state-machine';
import { setImmediate as turn } from 'node:timers/promises';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);

const codec: ValueCodec = {
  encode: (value) => new TextEncoder().encode(JSON.stringify(value ?? null)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
};

abstract class Store extends StateMachine {
  abstract items: Map<string, unknown>;
  fill(count: number): void {
    for (let at = 0; at < count; at++) this.items.set(`key ${at}`, this.create(at));
  }
  put(at: number): void {
    this.items.set(`key ${at}`, this.create(at + 1));
  }
  abstract create(at: number): unknown;
}
cmd(Store.prototype, 'put', Object.getOwnPropertyDescriptor(Store.prototype, 'put') ?? {});

class Texts extends Store {
  items = new Map<string, string>();
  create(at: number): string {
    return `value ${at * 7}`;
  }
}

interface Item {
  readonly owner: string;
  readonly balance: number;
  readonly isOpen: boolean;
}

class Items extends Store {
  items = new Map<string, Item>();
  create(at: number): Item {
    return { owner: `owner ${at % 1_000}`, balance: at, isOpen: true };
  }
}

/** The same, streamed over a copy of the entries; items are replaced, never changed. */
class StreamedItems extends Items {
  override *snapshot(): Generator<readonly unknown[]> {
    const keys = [...this.items.keys()];
    const values = [...this.items.values()];
    for (let at = 0; at < keys.length; at += 500)
      yield [keys.slice(at, at + 500), values.slice(at, at + 500)];
  }
  override async restore(
    chunks: AsyncIterable<readonly [readonly string[], readonly Item[]]>,
  ): Promise<void> {
    this.items = new Map();
    for await (const [keys, values] of chunks) {
      for (const [at, key] of keys.entries()) {
        const value = values[at];
        if (value) this.items.set(key, value);
      }
    }
  }
}

const number = { kind: 'number' } as const;
for (const machine of [Texts, Items, StreamedItems]) {
  const put = {
    id: operationId('put'),
    name: 'put',
    kind: 'cmd' as const,
    parameters: [{ name: 'at', schema: number, optional: false }],
    result: { kind: 'unknown' as const },
  };
  defineOperations(machine, { format: 1, machine: machine.name, operations: [put], types: {} });
}

class Bench {
  readonly replica = new Replica(codec);
  #longestMs = 0;
  #sequence = 0;

  constructor(store: Store) {
    this.replica.register('store', store);
    this.#apply(encodeProposal({ kind: 'open-session', timeoutMs: 1_000 }));
    store.fill(ENTRIES);
  }

  #apply(proposal: Uint8Array): void {
    const index = this.replica.appliedIndex + 1;
    const applied = this.replica.apply({ index, term: 1, data: stampProposal(index, proposal) });
    if (applied.outcome.kind === 'error') throw new Error(applied.outcome.message);
  }

  command(): void {
    const sequence = ++this.#sequence;
    const origin = { session: 1 as SessionId, sequence, acknowledged: sequence - 1 };
    const [machine, operation] = [machineId('store'), operationId('put')];
    const args = codec.encode([(sequence * 7_919) % ENTRIES]);
    this.#apply(encodeProposal({ kind: 'command', origin, machine, operation, args }));
  }

  /** Runs what stands in one turn of the event loop. */
  #turn<Result>(run: () => Result): Result {
    const start = performance.now();
    const result = run();
    this.#longestMs = Math.max(this.#longestMs, performance.now() - start);
    return result;
  }

  async #settle(): Promise<void> {
    while (!this.#turn(() => this.replica.machines.settleSome())) await turn();
  }

  atOnce(): Row {
    this.#longestMs = 0;
    const bytes = this.#turn(() => this.replica.snapshot().length);
    return { longestTurnMs: this.#longestMs, totalMs: this.#longestMs, chunks: 1, megabytes: bytes / 1e6 };
  }

  async inChunks(commands: 'idle' | 'busy' | 'held'): Promise<Row> {
    this.#longestMs = 0;
    const start = performance.now();
    const view = this.#turn(() => this.replica.view());
    // By hand, so that the work of each turn is measured and not the wait between them.
    const chunks = view.chunksNow();
    let [count, bytes] = [0, 0];
    for (;;) {
      const { done, value } = this.#turn(() => chunks.next());
      if (done === true) break;
      count += 1;
      bytes += value.length;
      await turn();
      if (commands === 'idle') continue;
      if (commands === 'held') await this.#settle();
      this.#turn(() => this.command());
    }
    const totalMs = performance.now() - start;
    return { longestTurnMs: this.#longestMs, totalMs, chunks: count, megabytes: bytes / 1e6 };
  }
}

/** From chunks of an image, and back. */
async function restoring(create: () => Store, image: Uint8Array): Promise<Row> {
  const replica = new Replica(codec);
  replica.register('store', create());
  const begin = performance.now();
  let [start, longestTurnMs, turns] = [begin, 0, 0];
  const giveWay = async (): Promise<void> => {
    longestTurnMs = Math.max(longestTurnMs, performance.now() - start);
    turns += 1;
    await turn();
    start = performance.now();
  };
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < image.length; at += 262_144) {
      yield image.subarray(at, at + 262_144);
      await giveWay();
    }
  };
  await replica.restoreFrom(chunks(), giveWay);
  await giveWay();
  return { longestTurnMs, totalMs: performance.now() - begin, chunks: turns, megabytes: image.length / 1e6 };
}

interface Row {
  readonly longestTurnMs: number;
  readonly totalMs: number;
  readonly chunks: number;
  readonly megabytes: number;
}

const table: Record<string, Row> = {};
for (const machine of [Texts, Items, StreamedItems]) {
  const bench = new Bench(new machine());
  // Once for the compiler.
  bench.atOnce();
  table[`${machine.name}, at once`] = bench.atOnce();
  for (const commands of ['idle', 'busy', 'held'] as const) {
    table[`${machine.name}, ${commands}`] = await bench.inChunks(commands);
  }
  table[`${machine.name}, restored`] = await restoring(() => new machine(), bench.replica.snapshot());
}
console.log(`${ENTRIES} entries, Node ${process.version}`);
console.table(
  Object.fromEntries(
    Object.entries(table).map(([name, row]) => [
      name,
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, Number((value as number).toPrecision(3))]),
      ),
    ]),
  ),
);
