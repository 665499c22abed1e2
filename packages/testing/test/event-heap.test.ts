import { seededRandom } from '@decoraft/base';
import { expect, it } from 'vitest';
import { EventHeap, type HeapEvent } from '../src/event-heap.js';

it('gives what a sorted list would give, whatever is pushed, taken and cancelled between', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const heap = new EventHeap<HeapEvent>();
    let twin: HeapEvent[] = [];
    for (let sequence = 0; sequence < 1_500; sequence++) {
      const event = { dueMs: Math.floor(random() * 100), sequence, isCancelled: false };
      heap.push(event);
      twin.push(event);
      if (random() < 0.6) {
        const victim = twin[Math.floor(random() * twin.length)];
        if (victim) heap.cancel(victim);
        twin = twin.filter((other) => other !== victim);
      }
      if (random() < 0.2) {
        const [first] = twin.toSorted(
          (left, right) => left.dueMs - right.dueMs || left.sequence - right.sequence,
        );
        expect(heap.pop()).toBe(first);
        twin = twin.filter((other) => other !== first);
      }
    }
  }
});
