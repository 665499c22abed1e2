/** One node of the durable benchmark, as a process: the key-value example's machine, and its log's counters. */
import type { LogStore } from '@decoraft/raft';
import { startNode, valueService } from 'decoraft/server';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import '../examples/key-value/src/generated/operations.js';

const [id = '', dataDir = '', peers = ''] = process.argv.slice(2);

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { users: new KeyValue() },
  services: { bench: valueService({ statistics: () => statisticsOf(node.raft.log) }) },
});

function statisticsOf(log: LogStore | undefined): unknown {
  return log && 'statistics' in log && typeof log.statistics === 'function' ? log.statistics() : undefined;
}
