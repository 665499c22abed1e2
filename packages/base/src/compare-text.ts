/** The order of texts by their UTF-16 code units: the same on every machine, whatever its locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
