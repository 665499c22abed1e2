import { MalformedBytes } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import type { LogChange } from '../src/log-change.js';
import type { LogContent } from '../src/log-view.js';
import { decodeBody, encodeChange } from '../src/record-body.js';
import { RecordBuffer } from '../src/record-buffer.js';
import { Replay } from '../src/replay.js';
import { batch } from './support/entries.js';
import { metadata } from './support/snapshots.js';

const begin = (index: number, term: number, keepsEntries: boolean): LogChange => ({
  beginning: { ...metadata(index, term), keepsEntries },
  entries: [],
});

function replayed(firstIndex: number, changes: readonly LogChange[]): Replay {
  const replay = new Replay();
  replay.beginSegment(1, firstIndex);
  for (const [at, change] of changes.entries()) {
    const record = new RecordBuffer().begin().reserve(10_000);
    encodeChange(record, change);
    replay.apply(decodeBody(record.finish()), 64 + at);
  }
  return replay;
}

/** `1.1 1.2 2.3`: term and index of every entry. */
function traceOf({ beginning, lastIndex, terms }: LogContent): string {
  const places: string[] = [];
  for (let index = beginning.index + 1; index <= lastIndex; index++)
    places.push(`${terms.termAt(index)}.${index}`);
  return places.join(' ');
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
    const log = replayed(firstIndex, changes).finish();
    expect(log && `behind ${log.beginning.term}.${log.beginning.index}: ${traceOf(log)}`).toBe(expected);
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
    expect(replayed(1, [batch(1, 3, 1), begin(2, 1, true)]).index.oldest()).toBe(1);
    expect(replayed(1, [batch(1, 3, 1), begin(3, 1, true)]).index.oldest()).toBeUndefined();
    expect(replayed(1, [batch(1, 3, 1), begin(2, 5, false)]).index.oldest()).toBeUndefined();
  });
});
