import { simulate } from '../../src/index.js';
import { counterRun } from './counter-run.js';

/** Run as a process of its own: prints the report of one run. */
const report = await simulate(counterRun({ seed: Number(process.argv[2]), durationMs: 5_000 }));
process.stdout.write(JSON.stringify(report));
