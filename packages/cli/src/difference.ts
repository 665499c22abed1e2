/** How many lines of either side are shown. */
const SHOWN_LINES = 5;

/** Where two texts part and meet again: the lines between, shortened; what is on disk with a minus. */
export function describeDifference({
  actual,
  expected,
}: {
  readonly actual: string;
  readonly expected: string;
}): readonly string[] {
  const before = actual.split('\n');
  const after = expected.split('\n');
  const start = countEqual(before, after);
  const end = countEqual(before.slice(start).toReversed(), after.slice(start).toReversed());
  return [
    `line ${start + 1}:`,
    ...shorten(before.slice(start, before.length - end), '-'),
    ...shorten(after.slice(start, after.length - end), '+'),
  ];
}

function countEqual(left: readonly string[], right: readonly string[]): number {
  const at = left.findIndex((line, position) => line !== right[position]);
  return at === -1 ? left.length : at;
}

function shorten(lines: readonly string[], sign: string): readonly string[] {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `${sign} ${line}`);
  const hidden = lines.length - shown.length;
  return hidden > 0 ? [...shown, `${sign} … ${hidden} more`] : shown;
}
