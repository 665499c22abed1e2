import type { FaultKind, SimulationReport } from '@decoraft/testing';

/** What many runs did together. */
export class Totals {
  readonly #faults = new Map<FaultKind, number>();
  #runs = 0;
  #simulatedMs = 0;
  #events = 0;
  #violations = 0;
  #operations = { returned: 0, unknown: 0, failed: 0 };

  /** @param report Of a run that came to its end, or of one in which something was broken. */
  add(report: SimulationReport, isViolation = false): void {
    this.#runs += 1;
    this.#simulatedMs += report.simulatedMs;
    this.#events += report.events;
    if (isViolation) this.#violations += 1;
    const { failed, returned, unknown } = report.operations;
    this.#operations = {
      returned: this.#operations.returned + returned,
      unknown: this.#operations.unknown + unknown,
      failed: this.#operations.failed + failed,
    };
    for (const [kind, count] of Object.entries(report.faults) as [FaultKind, number][]) {
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count);
    }
  }

  get runs(): number {
    return this.#runs;
  }

  get simulatedMs(): number {
    return this.#simulatedMs;
  }

  get events(): number {
    return this.#events;
  }

  get violations(): number {
    return this.#violations;
  }

  /** What became of the operations that clients recorded. */
  get operations(): SimulationReport['operations'] {
    return this.#operations;
  }

  /** How many faults of each kind began, the most frequent first. */
  get faults(): readonly (readonly [FaultKind, number])[] {
    return [...this.#faults].toSorted(([, left], [, right]) => right - left);
  }
}
