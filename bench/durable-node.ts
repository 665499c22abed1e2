/** One node of the durable benchmark, as a process: the key-value example's machine, and its log's counters. */
import { statisticsOf } from '@decoraft/storage';
import { startNode, valueService } from 'decoraft/server';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import '../examples/key-value/src/generated/operations.js';

// As where it is measured: in development, queries are watched.
process.env['NODE_ENV'] ??= 'production';
const [id = '', dataDir = '', peers = '', more = '{}'] = process.argv.slice(2);

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { users: new KeyValue() },
  services: {
    bench: valueService({
      statistics: () => node.raft.log && statisticsOf(node.raft.log),
      cpuMicroseconds: () => process.cpuUsage().user + process.cpuUsage().system,
      readRounds: () => node.raft.status?.readRounds ?? 0,
    }),
  },
  ...(JSON.parse(more) as object),
});
