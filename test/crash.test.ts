import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@decoraft/base';
import { expect, it } from 'vitest';
import { installsIn, violationsOf } from './support/crash-checks.js';
import { CrashLoad, Ledger } from './support/crash-load.js';
import { type CrashPlan, planCrash } from './support/crash-plan.js';
import { ProcessCluster } from './support/process-cluster.js';

const ROUNDS = Number(process.env['DECORAFT_CRASH_ROUNDS'] ?? 50);
/** Of the plan alone: what processes and disks do in between is never the same twice. */
const SEED = Number(process.env['DECORAFT_CRASH_SEED'] ?? randomInt(2 ** 32));
const ROUNDS_PER_CHECK = 10;

const program = [fileURLToPath(new URL('support/probed-node.mjs', import.meta.url))];
/** So small that within one round snapshots are taken, logs compacted, segments used again, and followers left behind. */
const more = {
  settings: { snapshotEntries: 60, snapshotTailEntries: 20, stateCheckEntries: 100 },
  storage: { segmentBytes: 16_384, cacheBytes: 8_192 },
};

it(
  `one, two or all of three are killed under load, ${ROUNDS} times: all acknowledged is on every node, once, and states are equal`,
  async () => {
    const random = seededRandom(SEED);
    const ledger = new Ledger();
    const cluster = await ProcessCluster.start({ program, more });
    const tell = (round: number): void => console.log(summary(cluster, ledger, round));
    let round = 0;
    try {
      while (round < ROUNDS) {
        const plan = planCrash(
          random,
          cluster.nodes.map(({ id }) => id),
        );
        await crash(cluster, plan, round, ledger);
        round += 1;
        if (round % ROUNDS_PER_CHECK > 0 && round < ROUNDS) continue;
        cluster.startAll();
        expect(await violationsOf(cluster, ledger)).toEqual([]);
        await cluster.disconnect();
        tell(round);
      }
      expect(ledger.acknowledged.length).toBeGreaterThan(ROUNDS * 16);
      expect(installs(cluster)).toBeGreaterThan(ROUNDS / 10);
    } catch (error) {
      throw new Error(`round ${round} of seed ${SEED}: ${String(error)}\n${cluster.output}`, {
        cause: error,
      });
    } finally {
      await cluster.close();
    }
  },
  15 * 60_000 + ROUNDS * 10_000,
);

/** Starts whoever is dead, and kills whom the plan names, when it says so. */
async function crash(cluster: ProcessCluster, plan: CrashPlan, round: number, ledger: Ledger): Promise<void> {
  const { commandsBehind, moment, victims } = plan;
  cluster.startAll();
  if (moment.kind === 'starting') {
    await pause(moment.afterMs);
    return cluster.kill(victims);
  }
  const load = new CrashLoad(await cluster.users(), round, ledger);
  await load.more(moment.afterCommands);
  await pause(moment.afterMs);
  await cluster.kill(victims);
  const canGoOn = victims.length * 2 < cluster.nodes.length;
  if (canGoOn) await load.more(commandsBehind);
  load.stop();
  if (canGoOn) await load.ended();
  await cluster.disconnect();
  await load.ended();
}

function installs(cluster: ProcessCluster): number {
  return cluster.nodes.reduce((sum, { output }) => sum + installsIn(output), 0);
}

function summary(cluster: ProcessCluster, { acknowledged, attempted }: Ledger, round: number): string {
  const unknown = attempted - acknowledged.length;
  const counts = `${acknowledged.length} commands acknowledged, ${unknown} of unknown end, ${installs(cluster)} snapshots installed`;
  return `crash: seed ${SEED}, ${round} rounds, ${counts}, 0 violations`;
}
