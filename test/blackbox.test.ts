import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { runBlackBox } from './blackbox/black-box.js';

const MINUTES = Number(process.env['DECORAFT_BLACKBOX_MINUTES'] ?? 0.4);
/** Of what happens; when it does, and what processes make of it, is never the same twice. */
const SEED = Number(process.env['DECORAFT_BLACKBOX_SEED'] ?? randomInt(2 ** 31));
const IS_LONG = process.env['DECORAFT_BLACKBOX_MINUTES'] !== undefined;
const MINUTE_MS = 60_000;

it(
  `nothing is lost, nothing comes twice, and nobody sees the past: ${MINUTES} minutes of killed and paused processes and a network that breaks`,
  async () => {
    const report = await runBlackBox({
      seed: SEED,
      forMs: MINUTES * MINUTE_MS,
      clients: IS_LONG ? 16 : 6,
      clientProcesses: 2,
      isKept: IS_LONG,
    });
    console.log(report.lines.join('\n'));
    if (process.env['DECORAFT_BLACKBOX_LOG'] !== undefined) console.log(report.output);
    if (report.violations.length > 0) {
      throw new Error(
        [`seed ${SEED}:`, ...report.violations, 'What happened:', ...report.happenings, report.output].join(
          '\n',
        ),
      );
    }
    expect(report.commandsDone).toBeGreaterThan(30);
  },
  MINUTES * MINUTE_MS + 10 * MINUTE_MS,
);
