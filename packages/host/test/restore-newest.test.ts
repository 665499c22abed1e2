import { index, type StoredSnapshot, term } from '@decoraft/raft';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { Replica } from '@decoraft/state-machine';
import { expect, it } from 'vitest';
import { GroupState, Members } from '../src/index.js';
import { EmptyLog } from './empty-log.js';

/** A log whose newest snapshot proves to be damaged behind its last byte; then it has no other, or is damaged itself. */
class DamagedLog extends EmptyLog {
  reads = 0;
  closed = 0;
  readonly #thenRefuses: boolean;
  readonly #image: Uint8Array;

  constructor(image: Uint8Array, thenRefuses: boolean) {
    super();
    this.#image = image;
    this.#thenRefuses = thenRefuses;
  }

  override readSnapshot(): Promise<undefined> {
    this.reads++;
    if (this.reads > 1) return this.#thenRefuses ? Promise.reject(damage()) : Promise.resolve(undefined);
    const image = this.#image;
    const stored: Pick<StoredSnapshot, 'index' | 'term' | 'chunks' | 'close'> = {
      index: index(1),
      term: term(1),
      async *chunks() {
        yield await Promise.resolve(image);
        throw damage();
      },
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    };
    return Promise.resolve(stored as unknown as undefined);
  }
}

const damage = (): Error => Object.assign(new Error('the checksum does not match'), { code: 'Corrupted' });
const group = (): GroupState =>
  new GroupState(new Members(), new Replica({ encode: encodeValue, decode: decodeValue }));

async function imageOf(state: GroupState): Promise<Uint8Array> {
  state.apply({ index: index(1), term: term(1), kind: 'normal', data: new Uint8Array(0) });
  const view = state.view();
  const pieces: Uint8Array[] = [];
  for await (const piece of view?.chunks(() => Promise.resolve()) ?? []) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

it('a snapshot that proves to be damaged as it is restored changes nothing, and the log is asked for another', async () => {
  const log = new DamagedLog(await imageOf(group()), false);
  const state = group();
  await state.restoreNewest(log);
  expect([log.reads, log.closed, state.appliedIndex]).toEqual([2, 1, 0]);
});

it('a snapshot that proves to be damaged is the end where the log needs it', async () => {
  const log = new DamagedLog(await imageOf(group()), true);
  const state = group();
  await expect(state.restoreNewest(log)).rejects.toMatchObject({ code: 'Corrupted' });
  expect([log.reads, log.closed, state.appliedIndex]).toEqual([2, 1, 0]);
});
