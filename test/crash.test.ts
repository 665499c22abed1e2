import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { ProcessCluster } from './support/process-cluster.js';

const ROUNDS = Number(process.env['DECORAFT_CRASH_ROUNDS'] ?? 50);
const WRITERS = 16;

it(
  `all three killed at once under load, ${ROUNDS} times: every acknowledged write is there`,
  async () => {
    const cluster = await ProcessCluster.start();
    try {
      const acknowledged = new Map<string, string>();
      for (let round = 0; round < ROUNDS; round++) await killUnderLoad(cluster, round, acknowledged);
      cluster.startAll();
      expect(acknowledged.size).toBeGreaterThan(ROUNDS * WRITERS);
      expect(await missing(cluster, acknowledged)).toEqual([]);
    } catch (error) {
      throw new Error(`${String(error)}\n${cluster.output}`, { cause: error });
    } finally {
      await cluster.close();
    }
  },
  15 * 60_000,
);

/** Writes until all processes are killed somewhere in the middle; notes what was acknowledged before. */
async function killUnderLoad(
  cluster: ProcessCluster,
  round: number,
  acknowledged: Map<string, string>,
): Promise<void> {
  cluster.startAll();
  const users = await cluster.users();
  const killAfter = WRITERS + randomInt(20 * WRITERS);
  let written = 0;
  let killed: Promise<void> | undefined;
  const write = async (writer: number): Promise<void> => {
    for (let number = 0; !killed; number++) {
      const key = `${round}-${writer}-${number}`;
      await users.set(key, key);
      acknowledged.set(key, key);
      if (++written === killAfter) killed = cluster.killAll();
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer).catch(() => undefined));
  await Promise.race(writers);
  await killed;
  await cluster.disconnect();
  await Promise.all(writers);
}

async function missing(
  cluster: ProcessCluster,
  acknowledged: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const users = (await cluster.users()).with({ timeoutMs: 60_000, consistency: 'linearizable' });
  const lost: string[] = [];
  for (const [key, value] of acknowledged) if ((await users.get(key)) !== value) lost.push(key);
  return lost;
}
