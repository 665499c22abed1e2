import { DecoraftError } from '@decoraft/protocol';
import { type HashRing, SLOT_COUNT } from './ring.js';

/** Slots one after the other that went from one owner to another together. */
export interface MovedRange {
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** `undefined` where nobody owned them, or nobody does any more. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Slots one after the other; both ends belong to it. */
export interface SlotRange {
  readonly firstSlot: number;
  readonly lastSlot: number;
}

const ALL: SlotRange = { firstSlot: 0, lastSlot: SLOT_COUNT - 1 };

/**
 * What moves when one ring takes the place of another: pure. A range is rarely longer than a few slots, for neighbours are
 * drawn apart: to move data, go through the keys once and ask both rings for their owners.
 *
 * @param range What to compare; all of it when it is left out.
 * @throws DecoraftError `InvalidArgument` for what is no range of slots.
 */
export function moved(before: HashRing, after: HashRing, range: SlotRange = ALL): readonly MovedRange[] {
  checkRange(range);
  const { firstSlot, lastSlot } = range;
  const ranges: MovedRange[] = [];
  for (let slot = firstSlot; slot <= lastSlot; slot++) {
    const [from, to] = [before.ownerOfSlot(slot), after.ownerOfSlot(slot)];
    if (from === to) continue;
    const last = ranges.at(-1);
    if (last && last.lastSlot === slot - 1 && last.from === from && last.to === to) {
      ranges[ranges.length - 1] = { ...last, lastSlot: slot };
    } else {
      ranges.push({ firstSlot: slot, lastSlot: slot, from, to });
    }
  }
  return ranges;
}

/** @throws DecoraftError `InvalidArgument` */
export function checkRange({ firstSlot, lastSlot }: SlotRange): void {
  const areSlots = [firstSlot, lastSlot].every(
    (slot) => Number.isInteger(slot) && slot >= 0 && slot < SLOT_COUNT,
  );
  if (areSlots && firstSlot <= lastSlot) return;
  throw new DecoraftError('InvalidArgument', `ring: there are no slots ${firstSlot} to ${lastSlot}`);
}

/** How many slots are in some ranges. */
export function slotsIn(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, { firstSlot, lastSlot }) => sum + lastSlot - firstSlot + 1, 0);
}
