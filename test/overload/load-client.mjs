/**
 * A client process: `node load-client.mjs {"addresses":[…],"name":…,"seconds":…,"perSecond":…|"inFlight":…,"timeoutMs":…,
 * "leastBytes":…,"mostBytes":…,"window":…}`. With `perSecond` commands begin by the clock, however many have no answer yet;
 * with `inFlight`, so many are under way. Sizes go evenly through the powers of two from `leastBytes` to `mostBytes`. Prints
 * what became of them as JSON.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'decoraft/client';
import { callOf } from './tally.mjs';

const TURN_MS = 10;

const {
  addresses,
  inFlight = 0,
  leastBytes,
  mostBytes,
  name,
  perSecond = 0,
  seconds,
  timeoutMs,
  window,
} = JSON.parse(process.argv[2]);
const paddings = [];
for (let bytes = leastBytes; bytes <= mostBytes; bytes *= 2) paddings.push('x'.repeat(bytes));
const cluster = await connect(addresses, { connectTimeoutMs: 30_000, window });
const acknowledged = [];
const latenciesMs = [];
const ends = {};
let number = 0;
/** Acknowledged while the load lasted. */
let inTime = 0;

async function once() {
  const own = ++number;
  const sentMs = performance.now();
  try {
    await cluster.command(callOf('add', name, own, paddings[own % paddings.length]), { timeoutMs });
    acknowledged.push(own);
    if (!isOver()) inTime += 1;
    latenciesMs.push(performance.now() - sentMs);
  } catch (error) {
    ends[error.code ?? error] = (ends[error.code ?? error] ?? 0) + 1;
  }
}

const beganMs = performance.now();
const elapsedMs = () => performance.now() - beganMs;
const isOver = () => elapsedMs() >= seconds * 1_000;
const all = [];
if (inFlight > 0) {
  const lane = async () => {
    while (!isOver()) await once();
  };
  all.push(...Array.from({ length: inFlight }, lane));
} else {
  while (!isOver()) {
    while (number < (elapsedMs() / 1_000) * perSecond) all.push(once());
    await pause(TURN_MS);
  }
}
await Promise.all(all);
await cluster.close();
const sorted = latenciesMs.toSorted((left, right) => left - right);
const quantile = (share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
console.log(
  JSON.stringify({
    name,
    offered: number,
    perSecond: inTime / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    ends,
    acknowledged,
  }),
);
