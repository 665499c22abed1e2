/**
 * `npm run soak -- --minutes 30 [--seed N] [--nodes 3,5] [--workers 1]`: tries Decoraft in the simulated world, seed
 * after seed, until the time is over, and says every minute what was done. A worker is a process of its own: one that
 * dies, or that does not come to an end, is a violation like any other.
 */
import { PROOF, summarize, Totals } from '@decoraft/cli';
import { simulate, SimulationFailed } from '@decoraft/testing';
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MINUTE_MS = 60_000;
/** One run takes about a second; one that takes so long will never end. */
const RUN_LIMIT_MS = 5 * MINUTE_MS;
const SEEDS = 2 ** 40;

if (process.env['DECORAFT_SOAK_WORKER']) work();
else await soak(parseOrExit());

/** Runs what it is sent, one after another, until nobody is there to send more. */
function work() {
  // Ctrl+C reaches all processes of a terminal; the first one decides.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (order) => void runSeed(order));
}

async function runSeed({ nodes, seed }) {
  try {
    process.send({ report: await simulate({ ...PROOF, seed, nodes }) });
  } catch (error) {
    if (!(error instanceof SimulationFailed)) throw error;
    process.send({ report: error.report, message: error.message });
  }
}

async function soak({ minutes, nodes, seed, workers }) {
  const totals = new Totals();
  const startedMs = performance.now();
  const endMs = startedMs + minutes * MINUTE_MS;
  const state = {
    totals,
    nodes,
    nextSeed: seed,
    endMs,
    crashes: 0,
    isInterrupted: false,
    children: new Set(),
  };
  const show = () => {
    console.log('');
    for (const line of summarize(totals, performance.now() - startedMs)) console.log(line);
    if (state.crashes > 0) console.log(`workers that died   ${state.crashes}`);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt(state));
  console.log(
    `soak: ${minutes} minutes from seed ${seed} on, ${nodes.join(' or ')} nodes, ${workers} workers`,
  );
  const everyMinute = setInterval(show, MINUTE_MS);
  await Promise.all(Array.from({ length: workers }, () => untilTheEnd(state)));
  clearInterval(everyMinute);
  show();
  process.exitCode = totals.violations + state.crashes > 0 ? 1 : 0;
}

function interrupt(state) {
  state.isInterrupted = true;
  for (const child of state.children) child.kill('SIGKILL');
}

function mayGoOn({ endMs, isInterrupted }) {
  return !isInterrupted && performance.now() < endMs;
}

/** One worker after another: a new one when the last one died. */
async function untilTheEnd(state) {
  while (mayGoOn(state)) {
    const seed = state.nextSeed;
    try {
      await useWorker(state);
    } catch (error) {
      if (state.isInterrupted) return;
      state.crashes += 1;
      console.log(`VIOLATION after seed ${seed}: ${error.message}`);
    }
  }
}

async function useWorker(state) {
  const child = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, DECORAFT_SOAK_WORKER: '1' },
  });
  state.children.add(child);
  try {
    while (mayGoOn(state)) {
      const seed = state.nextSeed++;
      const nodes = state.nodes[seed % state.nodes.length];
      const { message, report } = await runOf(child, { seed, nodes });
      state.totals.add(report, message !== undefined);
      if (message === undefined) continue;
      console.log(`VIOLATION, seed ${seed}, ${nodes} nodes, trace hash ${report.traceHash}`);
      console.log(message);
    }
  } finally {
    state.children.delete(child);
    child.kill('SIGKILL');
  }
}

/** What became of one run; rejects when the worker dies first, or the limit comes. */
function runOf(child, run) {
  return new Promise((resolve, reject) => {
    const settle = (end, value) => {
      clearTimeout(limit);
      child.removeAllListeners();
      end(value);
    };
    const name = `seed ${run.seed} with ${run.nodes} nodes`;
    const limit = setTimeout(() => settle(reject, new Error(`${name} did not end`)), RUN_LIMIT_MS);
    child.once('message', (result) => settle(resolve, result));
    child.once('error', (error) => settle(reject, error));
    child.once('exit', (code, signal) =>
      settle(reject, new Error(`${name} ended its worker: ${signal ?? code}`)),
    );
    child.send(run);
  });
}

function parseOrExit() {
  try {
    return parse();
  } catch (error) {
    console.error(`soak: ${error.message}`);
    return process.exit(2);
  }
}

function parse() {
  const { minutes, nodes, seed, workers } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(randomInt(SEEDS)) },
      nodes: { type: 'string', default: '3,5' },
      workers: { type: 'string', default: '1' },
    },
  }).values;
  return {
    minutes: number('--minutes', minutes, 0.01, 100_000),
    seed: whole('--seed', seed, 0, Number.MAX_SAFE_INTEGER),
    nodes: nodes.split(',').map((count) => whole('--nodes', count, 1, 9)),
    workers: whole('--workers', workers, 1, 256),
  };
}

function whole(option, text, least, most) {
  const value = number(option, text, least, most);
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`${option} is a whole number, not '${text}'`);
}

function number(option, text, least, most) {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`${option} is a number from ${least} to ${most}, not '${text}'`);
}
