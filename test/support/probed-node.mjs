/**
 * One node of the key-value example that can be asked what it holds, as a process:
 * `node probed-node.mjs ID DATA_DIR PEERS_AS_JSON [{"settings":…,"storage":…}]`. Plain JavaScript on what the build
 * made, so that it starts as fast as a node does: it is killed and started by the hundred.
 *
 * Whatever ends it, or tells it apart from the others, is printed in a line that begins with `FAILED` or `DIVERGED`.
 */
import { statisticsOf } from '@decoraft/storage';
import { durableStorage, RaftService, RpcServer, stderrLogger, valueService } from 'decoraft/server';
import { KeyValue } from '../../examples/key-value/dist/key-value.machine.js';
import '../../examples/key-value/dist/generated/operations.js';

const [id, dataDir, peersAsJson, moreAsJson = '{}'] = process.argv.slice(2);
const peers = JSON.parse(peersAsJson);
const { settings = {}, storage = {} } = JSON.parse(moreAsJson);

// It tells when a snapshot replaces the log, which is counted.
const logger = stderrLogger('info');
const users = new KeyValue();
const server = new RpcServer({ address: peers[id], logger });
const raft = new RaftService({
  id,
  server,
  storage: durableStorage(dataDir, { ...storage, logger }),
  settings,
  logger,
});
raft.on('failed', fail);
raft.on('diverged', (found) => console.log(`DIVERGED ${JSON.stringify(found)}`));
raft.register('users', users);

/** @returns Which of these keys do not have themselves for a value, in what this process has applied. */
const missing = (keys) => keys.filter((key) => users.get(key) !== key);

const probe = () => ({
  applied: raft.appliedIndex,
  last: raft.lastIndex,
  hash: raft.stateHash,
  size: users.size(),
  isLeader: raft.isLeader,
  snapshot: raft.log?.snapshot()?.index ?? 0,
  cachedBytes: (raft.log && statisticsOf(raft.log)?.cachedBytes) ?? 0,
});

/** As {@link probe}, but for what costs nothing. */
const applied = () => raft.appliedIndex;

server.register('probe', valueService({ applied, missing, probe }));
try {
  await server.listen();
  await raft.bootstrap(peers);
} catch (error) {
  fail(error);
}

function fail(error) {
  console.log(`FAILED ${error?.stack ?? error}`);
  process.exit(1);
}
