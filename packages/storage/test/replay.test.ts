import { MalformedBytes } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import type { LogChange } from '../src/log-change.js';
import { encodeChange } from '../src/record-body.js';
import { RecordBuffer } from '../src/record-buffer.js';
import { Replay } from '../src/replay.js';
import { batch, trace } from './support/entries.js';
import { metadata } from './support/snapshots.js';

const begin = (index: number, term: number, keepsEntries: boolean): LogChange => ({
  beginning: { ...metadata(index, term), keepsEntries },
  entries: [],
});

function replayed(firstIndex: number, changes: readonly LogChange[]): Replay {
  const replay = new Replay(firstIndex);
  replay.beginSegment(1);
  for (const change of changes) {
    const record = new RecordBuffer().begin(10_000);
    encodeChange(record, change);
    replay.apply(record.finish());
  }
  return replay;
}

describe('replay', () => {
  it.each<[string, number, readonly LogChange[], string | undefined]>([
    ['from index 1', 1, [batch(1, 3, 1)], 'behind 0.0: 1.1 1.2 1.3'],
    ['whose first entries are missing', 5, [batch(5, 6, 1)], undefined],
    ['whose first entries are written again', 5, [batch(5, 6, 1), batch(1, 2, 2)], 'behind 0.0: 2.1 2.2'],
    ['that begins behind what it holds', 1, [batch(1, 3, 1), begin(2, 1, true)], 'behind 1.2: 1.3'],
    ['that begins behind all', 1, [batch(1, 3, 1), begin(3, 1, true)], 'behind 1.3: '],
    ['whose beginning is restated', 5, [begin(4, 1, true), batch(5, 6, 1)], 'behind 1.4: 1.5 1.6'],
    ['that lacks entries behind its beginning', 5, [begin(3, 1, true), batch(5, 6, 1)], undefined],
    [
      'that lacked entries behind its beginning until they were written again',
      5,
      [begin(3, 1, true), batch(5, 6, 1), batch(4, 4, 2)],
      'behind 1.3: 2.4',
    ],
    ['that was replaced', 1, [batch(1, 3, 1), begin(2, 5, false)], 'behind 5.2: '],
    ['that was replaced by a longer one', 1, [batch(1, 3, 1), begin(9, 5, false)], 'behind 5.9: '],
    ['that was replaced before what it holds', 9, [begin(2, 5, false)], 'behind 5.2: '],
  ])('of a log %s', (_, firstIndex, changes, expected) => {
    const view = replayed(firstIndex, changes).finish();
    const beginning = view?.beginning();
    const found = view && `behind ${beginning?.term}.${beginning?.index}: ${trace(view)}`;
    expect(found).toBe(expected);
  });

  it.each<[string, readonly LogChange[]]>([
    ['leave a gap', [batch(1, 3, 1), batch(5, 5, 1)]],
    ['are before the beginning', [batch(1, 3, 1), begin(2, 1, true), batch(2, 3, 2)]],
    ['begin behind what is not there', [batch(1, 3, 1), begin(4, 1, true)]],
    ['go back to an earlier beginning', [batch(1, 3, 1), begin(2, 1, true), begin(1, 1, true)]],
  ])('refuses records that %s', (_, changes) => {
    expect(() => replayed(1, changes)).toThrow(MalformedBytes);
  });

  it('knows which segments still hold an entry', () => {
    expect(replayed(1, [batch(1, 3, 1), begin(2, 1, true)]).live.oldest()).toBe(1);
    expect(replayed(1, [batch(1, 3, 1), begin(3, 1, true)]).live.oldest()).toBeUndefined();
    expect(replayed(1, [batch(1, 3, 1), begin(2, 5, false)]).live.oldest()).toBeUndefined();
  });
});
