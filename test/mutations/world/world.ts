import { seededRandom } from '@decoraft/base';
import type { SimulationOptions } from '@decoraft/testing';
import { Ledger } from './ledger.js';
import { ledgerFacts } from './ledger-facts.js';
import { quorumFacts } from './quorum-facts.js';
import { type Theme, THEMES } from './themes.js';
import { ledgerWorkload } from './workload.js';

/**
 * The run of a seed in worlds of one theme. Each is another: three nodes or five, few snapshots or many, hasty clients
 * or slow ones; mistakes hide where all worlds are alike.
 */
export function worldOf(theme: Theme, seed: number): SimulationOptions {
  const { faultEveryMs, faults, leaseReads, nodes, snapshotEntries, ...work } = THEMES[theme];
  const random = seededRandom(seed * 7_919 + 17);
  const choose = <Choice>(choices: readonly Choice[]): Choice =>
    choices[Math.floor(random() * choices.length)] as Choice;
  return {
    seed,
    machines: { ledger: () => new Ledger() },
    workload: ledgerWorkload(work),
    checks: [quorumFacts, ledgerFacts],
    nodes: choose(nodes),
    clients: choose([3, 5]),
    durationMs: 6_000,
    thinkMs: choose([15, 40, 80]),
    faultEveryMs: choose(faultEveryMs),
    settings: {
      leaseReads,
      snapshotEntries: choose(snapshotEntries),
      snapshotTailEntries: choose([0, 5, 40]),
      promotionLagEntries: choose([5, 50]),
    },
    faults,
  };
}
