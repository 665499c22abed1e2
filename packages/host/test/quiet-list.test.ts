import type { Index, NodeId, Term } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { QuietList } from '../src/quiet-list.js';
import { QuietNeighbour } from '../src/quiet-neighbour.js';
import type { QuietEntry } from '../src/quiet-wire.js';

const at = { leader: 'a' as NodeId, term: 1 as Term, lastIndex: 1 as Index };
const entryOf = (service: number): QuietEntry => ({ service, cluster: 1, disk: 1, to: 'b' as NodeId, at });
const newList = (): QuietList => new QuietList(0, 'host-a:1');
const newNeighbour = (): QuietNeighbour =>
  new QuietNeighbour({ incarnation: 1, reachedAt: 'host-a:1', to: 'host-b:1', version: 0 }, 0);
const always = (): boolean => true;
const NOBODY: ReadonlySet<number> = new Set();

describe('the list of groups that rest', () => {
  it('is sent until its version is known, and again when it changes', () => {
    const list = newList();
    expect(list.isOver).toBe(true);
    list.add(entryOf(7), 1);
    expect(list.news).toEqual([entryOf(7)]);
    expect(list.answered(1, NOBODY)).toEqual({ agreed: [7], refused: [] });
    expect(list.news).toBeUndefined();
    expect(list.answered(1, NOBODY)).toEqual({ agreed: [], refused: [] });
    list.remove(7, 2);
    expect(list.news).toEqual([]);
    expect(list.isOver).toBe(false);
    list.answered(2, NOBODY);
    expect(list.isOver).toBe(true);
  });

  it('is agreed to only as far as the answer knew it', () => {
    const list = newList();
    list.add(entryOf(7), 1);
    list.add(entryOf(8), 2);
    expect(list.answered(1, new Set([8]))).toEqual({ agreed: [7], refused: [] });
    expect([list.isAgreed(7), list.isAgreed(8)]).toEqual([true, false]);
    expect(list.answered(2, new Set([7]))).toEqual({ agreed: [8], refused: [7] });
  });

  it('is not agreed to by an answer to what was never said', () => {
    const list = newList();
    list.add(entryOf(7), 1);
    expect(list.answered(2, NOBODY)).toEqual({ agreed: [], refused: [] });
    expect(list.isAgreed(7)).toBe(false);
    expect(list.news).toEqual([entryOf(7)]);
  });

  it('is sent anew to who has forgotten it', () => {
    const list = newList();
    list.add(entryOf(7), 3);
    list.answered(3, NOBODY);
    expect(list.answered(0, NOBODY)).toEqual({ agreed: [], refused: [] });
    expect(list.news).toEqual([entryOf(7)]);
  });
});

describe('a neighbour', () => {
  it('tells which groups rest no more, as its newest list has them', () => {
    const neighbour = newNeighbour();
    expect(neighbour.take(1, [entryOf(7), entryOf(8), entryOf(9)], ({ service }) => service !== 9)).toEqual(
      [],
    );
    expect([neighbour.resting, neighbour.refused]).toEqual([[7, 8], [9]]);
    expect(neighbour.take(2, [entryOf(8)], always)).toEqual([7]);
    expect([neighbour.version, neighbour.resting, neighbour.refused]).toEqual([2, [8], []]);
  });

  it('is not believed where it repeats what is older', () => {
    const neighbour = newNeighbour();
    neighbour.take(2, [entryOf(7)], always);
    expect(neighbour.take(1, [], always)).toEqual([]);
    expect(neighbour.take(2, [], always)).toEqual([]);
    expect(neighbour.resting).toEqual([7]);
  });

  it('is told of a group that has woken here', () => {
    const neighbour = newNeighbour();
    neighbour.take(1, [entryOf(7)], always);
    neighbour.woke(7);
    neighbour.woke(8);
    expect([neighbour.resting, neighbour.refused]).toEqual([[], [7]]);
  });
});
