/** How many lines of either side of a place are shown, and how many places. */
const SHOWN_LINES = 5;
const SHOWN_PLACES = 5;
/** Above so many pairs of lines two texts are told apart as one place: a table of them would be too large. */
const MAX_PAIRS = 4_000_000;

/** A place where two texts part and meet again. */
interface Place {
  /** Of the text on disk, from 0. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Where two texts differ: the lines, shortened; what is on disk with a minus. */
export function describeDifference({
  actual,
  expected,
}: {
  readonly actual: string;
  readonly expected: string;
}): readonly string[] {
  const places = placesOf(actual.split('\n'), expected.split('\n'));
  const hidden = places.length - SHOWN_PLACES;
  return [
    ...places
      .slice(0, SHOWN_PLACES)
      .flatMap(({ line, removed, added }) => [
        `line ${line + 1}:`,
        ...shorten(removed, '-'),
        ...shorten(added, '+'),
      ]),
    ...(hidden > 0 ? [`… ${hidden} more places`] : []),
  ];
}

function placesOf(before: readonly string[], after: readonly string[]): readonly Place[] {
  const start = countEqual(before, after);
  const end = countEqual(before.slice(start).toReversed(), after.slice(start).toReversed());
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  if (removed.length * added.length > MAX_PAIRS) return [{ line: start, removed, added }];
  return splitAtCommon(removed, added).map((place) => ({ ...place, line: start + place.line }));
}

function countEqual(left: readonly string[], right: readonly string[]): number {
  const at = left.findIndex((line, position) => line !== right[position]);
  return at === -1 ? left.length : at;
}

/** What is left of two lists of lines when the longest list that both contain is taken away. */
function splitAtCommon(before: readonly string[], after: readonly string[]): readonly Place[] {
  const common = commonLengths(before, after);
  const places: Place[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const [fromLeft, fromRight] = [left, right];
    while ((left < before.length || right < after.length) && !meets(before[left], after[right])) {
      const withoutLeft = common[left + 1]?.[right] ?? -1;
      const withoutRight = common[left]?.[right + 1] ?? -1;
      if (left < before.length && (right === after.length || withoutLeft >= withoutRight)) left++;
      else right++;
    }
    const removed = before.slice(fromLeft, left);
    const added = after.slice(fromRight, right);
    if (removed.length + added.length > 0) places.push({ line: fromLeft, removed, added });
    while (left < before.length && meets(before[left], after[right])) {
      left++;
      right++;
    }
  }
  return places;
}

/** A line that both have; an end is none. */
function meets(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && left === right;
}

/** By position in either list: how many lines both have in common from there on, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let left = before.length - 1; left >= 0; left--) {
    for (let right = after.length - 1; right >= 0; right--) {
      table[left]![right] = meets(before[left], after[right])
        ? table[left + 1]![right + 1]! + 1
        : Math.max(table[left + 1]![right]!, table[left]![right + 1]!);
    }
  }
  return table;
}

function shorten(lines: readonly string[], sign: string): readonly string[] {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `${sign} ${line}`);
  const hidden = lines.length - shown.length;
  return hidden > 0 ? [...shown, `${sign} … ${hidden} more`] : shown;
}
