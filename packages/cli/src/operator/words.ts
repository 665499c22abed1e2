const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const UNIT_BYTES = 1024;

/** `1,234,567`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `17 B`, `16.0 MiB`. */
export function bytes(value: number): string {
  let [amount, unit] = [value, 0];
  while (amount >= UNIT_BYTES && unit < UNITS.length - 1) {
    amount /= UNIT_BYTES;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** `1 entry`, `2 entries`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}
