/**
 * One node of the test of a rolling upgrade, as a process. It prints `STARTED`; for each line that it reads, `version`,
 * `snapshot` or `state`, it prints what came of it.
 */
import { createInterface } from 'node:readline';
import type { StateMachine } from 'decoraft';
import { startNode } from 'decoraft/server';
import { endWithParent } from '../blackbox/processes/parent.js';

/** Runs the build that has this machine: `node --import tsx FILE ID DATA_DIR PEERS_AS_JSON`. */
export async function runNode(ledger: StateMachine): Promise<void> {
  const [id = '', dataDir = '', peersAsJson = '{}'] = process.argv.slice(2);
  endWithParent();
  const node = await startNode({
    id,
    dataDir,
    peers: JSON.parse(peersAsJson) as Readonly<Record<string, string>>,
    machines: { ledger },
    // Small, so that nodes come back from snapshots as well as from logs.
    settings: { snapshotEntries: 400, snapshotTailEntries: 100 },
  });
  console.log('STARTED');
  process.once('SIGTERM', () => void node.close().then(() => process.exit(0)));
  for await (const line of createInterface(process.stdin)) {
    if (line === 'version') console.log(`VERSION ${node.raft.versions['ledger']}`);
    if (line === 'snapshot') console.log(`SNAPSHOT ${await node.raft.takeSnapshot()}`);
    if (line === 'state') console.log(`STATE ${node.raft.appliedIndex} ${node.raft.stateHash}`);
  }
}
