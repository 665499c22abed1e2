/** @param sorted Ascending. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

export function median(values: readonly number[]): number {
  return medianOf(values, (value) => value);
}

/** The one in the middle, by what `valueOf` gives; of an even number, the higher of the two. */
export function medianOf<Row>(rows: readonly Row[], valueOf: (row: Row) => number): Row {
  const middle = rows.toSorted((left, right) => valueOf(left) - valueOf(right))[rows.length >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
