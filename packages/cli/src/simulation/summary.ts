import type { Totals } from './totals.js';

const MS_PER_HOUR = 3_600_000;
const LABEL_WIDTH = 20;

/** What was done so far, as a table for a person. `elapsedMs` are real milliseconds. */
export function summarize(totals: Totals, elapsedMs: number): readonly string[] {
  const { failed, returned, unknown } = totals.operations;
  const faults = totals.faults.reduce((sum, [, count]) => sum + count, 0);
  return [
    row('runs', grouped(totals.runs)),
    row('simulated', `${hours(totals.simulatedMs)} hours`),
    row('rate', `${rate(totals.simulatedMs, elapsedMs)} cluster-seconds per second`),
    row('events', grouped(totals.events)),
    row(
      'operations checked',
      `${grouped(returned + unknown + failed)} ` +
        `(${grouped(returned)} returned, ${grouped(unknown)} unknown, ${grouped(failed)} refused)`,
    ),
    row('faults', grouped(faults)),
    ...totals.faults.map(([kind, count]) => row(`  ${kind}`, grouped(count))),
    row('violations', grouped(totals.violations)),
  ];
}

/** Virtual time. */
export function hours(simulatedMs: number): string {
  return (simulatedMs / MS_PER_HOUR).toFixed(3);
}

/** Virtual seconds per real second, of whole clusters. */
export function rate(simulatedMs: number, elapsedMs: number): string {
  return (simulatedMs / Math.max(1, elapsedMs)).toFixed(1);
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${value}`;
}

/** With a comma between thousands, whatever the machine's language is. */
function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
