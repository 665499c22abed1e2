import { quantile } from './quantiles.js';

/** What a client process has measured, as it prints it. */
export interface LanesResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LanesOptions {
  /** Calls that are under way at any time. */
  readonly inFlight: number;
  readonly count: number;
}

/** How many calls `measureLanes` makes for each that it counts. */
export const WITH_WARM_UP = 1.25;
const KEYS = 1_000;

/** Keeps `inFlight` calls under way until `count` are answered, after a quarter as many to warm up. */
export async function measureLanes(
  { count, inFlight }: LanesOptions,
  call: (key: string) => Promise<unknown>,
): Promise<LanesResult> {
  await run({ inFlight, count: Math.ceil(count * (WITH_WARM_UP - 1)) }, call);
  const startMs = performance.now();
  const latenciesMs = await run({ inFlight, count }, call);
  const perSecond = (latenciesMs.length / (performance.now() - startMs)) * 1_000;
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return { perSecond, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

/** @returns Every call's time. */
async function run(
  { count, inFlight }: LanesOptions,
  call: (key: string) => Promise<unknown>,
): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      const key = `key-${started++ % KEYS}`;
      const sentMs = performance.now();
      await call(key);
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return latenciesMs;
}
