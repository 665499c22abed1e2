/** One node of the durable benchmark, as a process: the key-value example's machine, and its log's counters. */
import { statisticsOf } from '@decoraft/storage';
import { startNode, valueService } from 'decoraft/server';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import '../examples/key-value/src/generated/operations.js';

const [id = '', dataDir = '', peers = ''] = process.argv.slice(2);

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { users: new KeyValue() },
  services: {
    bench: valueService({
      statistics: () => node.raft.log && statisticsOf(node.raft.log),
      cpuMicroseconds: () => process.cpuUsage().user + process.cpuUsage().system,
    }),
  },
});
