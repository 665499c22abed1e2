import { seededRandom } from '@decoraft/base';
import { expect, it } from 'vitest';
import { LogIndex } from '../src/log-index.js';
import type { LogChange } from '../src/log-change.js';
import { decodeBody } from '../src/record-body.js';
import { encodeSeal, summaryOf } from '../src/seal.js';
import type { SegmentSummary } from '../src/segment-summary.js';
import { at, entries } from './support/entries.js';
import { metadata } from './support/snapshots.js';

/** Which segment holds each entry of the log, said as simply as can be. */
class Twin {
  #segmentOf = new Map<number, number>();
  #segment = 0;
  last = 0;
  beginning = 0;

  begin(sequence: number): void {
    this.#segment = sequence;
  }

  wrote({ beginning, entries: written }: LogChange): void {
    if (beginning) {
      this.beginning = beginning.index;
      this.#forget((index) => !beginning.keepsEntries || index <= beginning.index);
      if (!beginning.keepsEntries) this.last = beginning.index;
    }
    const first = written[0]?.index ?? Infinity;
    this.#forget((index) => index >= first);
    for (const { index } of written) this.#segmentOf.set(index, this.#segment);
    this.last = written.at(-1)?.index ?? this.last;
  }

  segmentOf(index: number): number | undefined {
    return this.#segmentOf.get(index);
  }

  oldest(): number | undefined {
    return this.#segmentOf.size === 0 ? undefined : Math.min(...this.#segmentOf.values());
  }

  #forget(isDead: (index: number) => boolean): void {
    for (const index of this.#segmentOf.keys()) if (isDead(index)) this.#segmentOf.delete(index);
  }
}

it('the oldest live segment is the one that a map of all entries names', () => {
  const random = seededRandom(5);
  const upTo = (limit: number): number => Math.floor(random() * (limit + 1));
  for (let run = 0; run < 300; run++) {
    const live = new LogIndex();
    const twin = new Twin();
    let sequence = 0;
    for (let step = 0; step < 60; step++) {
      if (step === 0 || random() < 0.3) {
        sequence++;
        live.begin(sequence);
        twin.begin(sequence);
      }
      const change = changeAfter(twin, upTo);
      live.wrote(change, step * 100);
      twin.wrote(change);
      expect(live.oldest()).toBe(twin.oldest());
      for (let index = 1; index <= twin.last + 2; index++) {
        expect(live.locate(index)?.sequence).toBe(twin.segmentOf(index));
      }
    }
  }
});

it('an index made of seals is the one that was made of all records', () => {
  const random = seededRandom(6);
  const upTo = (limit: number): number => Math.floor(random() * (limit + 1));
  for (let run = 0; run < 200; run++) {
    const [live, sealed, twin] = [new LogIndex(), new LogIndex(), new Twin()];
    for (let sequence = 1; sequence <= 6; sequence++) {
      live.begin(sequence);
      twin.begin(sequence);
      for (let step = upTo(8); step >= 0; step--) {
        const change = changeAfter(twin, upTo);
        live.wrote(change, 64 + (8 - step) * 30_000);
        twin.wrote(change);
      }
      sealed.adopt(throughItsSeal(live.current));
      expect(sealed.oldest()).toBe(live.oldest());
      expect(sealed.lastIndex).toBe(live.lastIndex);
      for (let index = 1; index <= twin.last + 1; index++)
        expect(wordsOf(sealed, index)).toBe(wordsOf(live, index));
      expect(sealed.termsBehind(twin.beginning)?.runs).toEqual(live.termsBehind(twin.beginning)?.runs);
    }
  }
});

function throughItsSeal(summary: SegmentSummary | undefined): SegmentSummary {
  if (!summary) throw new Error('there is a segment');
  const [item] = decodeBody(encodeSeal(summary));
  if (item?.kind !== 'seal' || !item.content) throw new Error('a seal says what it seals');
  return summaryOf(item.content, summary.sequence, 1_000_000);
}

function wordsOf(log: LogIndex, index: number): string {
  const place = log.locate(index);
  return place
    ? `${place.sequence}@${place.position}<${place.until}:${place.terms.termAt(index)}`
    : 'nowhere';
}

function changeAfter({ beginning, last }: Twin, upTo: (limit: number) => number): LogChange {
  switch (upTo(5)) {
    case 0: {
      const index = beginning + upTo(last - beginning);
      return { beginning: { index: at(index), term: metadata(0, 1).term, keepsEntries: true }, entries: [] };
    }
    case 1: {
      const index = beginning + upTo(last - beginning + 3);
      const following = entries(index + 1, index + upTo(2), 1);
      return {
        beginning: { index: at(index), term: metadata(0, 1).term, keepsEntries: false },
        entries: following,
      };
    }
    default: {
      const first = last + 1 - (upTo(3) === 0 ? upTo(last - beginning) : 0);
      return { entries: entries(first, first + upTo(3) - 1, 1) };
    }
  }
}
