import { seededRandom } from '@decoraft/base';
import { DEFAULT_SETTINGS } from '@decoraft/host';
import type { SimulationOptions } from '@decoraft/testing';
import { Ledger } from './ledger.js';
import { ledgerFacts } from './ledger-facts.js';
import { loyaltyFacts } from './loyalty-facts.js';
import { quorumFacts } from './quorum-facts.js';
import { readFacts } from './read-facts.js';
import { storeFacts } from './store-facts.js';
import { type Theme, THEMES } from './themes.js';
import { ledgerWorkload } from './workload.js';

/**
 * The run of a seed in worlds of one theme. Each is another: three nodes or five, few snapshots or many, hasty clients
 * or slow ones; mistakes hide where all worlds are alike.
 */
export function worldOf(theme: Theme, seed: number): SimulationOptions {
  const {
    durationMs,
    faultEveryMs,
    faults,
    hearsAll,
    nodes,
    settings,
    snapshotEntries,
    tiedClients,
    thinkMs,
    ...work
  } = THEMES[theme];
  const random = seededRandom(seed * 7_919 + 17);
  const choose = <Choice>(choices: readonly Choice[]): Choice =>
    choices[Math.floor(random() * choices.length)] as Choice;
  const { tickMs = DEFAULT_SETTINGS.tickMs } = settings;
  const loyalForMs = (tickMs * DEFAULT_SETTINGS.electionTicks) / 2;
  let nowMs = 0;
  const { lastRound, workload } = ledgerWorkload({
    ...work,
    exact: settings.leaseReads === true ? 'lease' : 'linearizable',
  });
  return {
    seed,
    machines: { ledger: () => new Ledger() },
    workload,
    ...(hearsAll && { lastRound }),
    checks: [quorumFacts, readFacts, storeFacts, () => loyaltyFacts(() => nowMs, loyalForMs), ledgerFacts],
    onEvent: ({ timeMs }) => void (nowMs = timeMs),
    nodes: choose(nodes),
    clients: choose([3, 5]),
    tiedClients,
    durationMs,
    thinkMs: choose(thinkMs),
    faultEveryMs: choose(faultEveryMs),
    settings: {
      snapshotEntries: choose(snapshotEntries),
      snapshotTailEntries: choose([0, 5, 40]),
      promotionLagEntries: choose([5, 50]),
      ...settings,
    },
    faults,
  };
}
