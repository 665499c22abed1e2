import { simulate, SimulationFailed } from '@decoraft/testing';
import type { Theme } from '../world/themes.js';
import { worldOf } from '../world/world.js';

/**
 * Run in a mutant's directory: runs seeds one after another until one fails or time is up, and prints a line of JSON
 * after each.
 *
 * @example
 * node hunter/main.js everything 1,2,3 60000
 */
const [theme = 'everything', seeds = '1', limitMs = '60000'] = process.argv.slice(2);
const endMs = performance.now() + Number(limitMs);

for (const seed of seeds.split(',').map(Number)) {
  const failure = await failureOf(seed);
  process.stdout.write(`${JSON.stringify({ seed, ...failure })}\n`);
  if ('broken' in failure || performance.now() > endMs) break;
}
// A mutant may leave behind what never ends.
process.exit(0);

/** What one seed came to: how long it ran and, where it failed, on what. */
async function failureOf(
  seed: number,
): Promise<
  | { readonly simulatedMs: number }
  | { readonly simulatedMs: number; readonly broken: string; readonly message: string }
> {
  try {
    const { simulatedMs } = await simulate(worldOf(theme as Theme, seed));
    return { simulatedMs };
  } catch (error) {
    if (!(error instanceof SimulationFailed)) throw error;
    const { broken, message, report } = error;
    return { simulatedMs: report.simulatedMs, broken, message: message.split('\n')[0] ?? '' };
  }
}
