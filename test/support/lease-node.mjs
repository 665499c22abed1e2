/**
 * One node of the lease example, as a process: `node lease-node.mjs ID DATA_DIR PEERS_AS_JSON [{"settings":…}]`. Says in
 * a line `EXPIRED {…}` what it has seen expire, and where in the log; after a restart again what it applies again.
 */
import { durableStorage, RaftService, RpcServer, stderrLogger, valueService } from 'decoraft/server';
import { Leases } from '../../examples/lease/dist/leases.machine.js';
import '../../examples/lease/dist/generated/operations.js';

const [id, dataDir, peersAsJson, moreAsJson = '{}'] = process.argv.slice(2);
const peers = JSON.parse(peersAsJson);
const { settings = {} } = JSON.parse(moreAsJson);

const logger = stderrLogger('warn');
const leases = new Leases();
const server = new RpcServer({ address: peers[id], logger });
const raft = new RaftService({ id, server, storage: durableStorage(dataDir, { logger }), settings, logger });
raft.on('failed', (error) => console.log(`FAILED ${error?.stack ?? error}`));
raft.on('diverged', (found) => console.log(`DIVERGED ${JSON.stringify(found)}`));
raft.register('leases', leases);
for (let number = 0; number < 40; number++) {
  const name = `lease-${number}`;
  raft.observe(leases, 'onExpired', [name], (observed) => {
    if (observed.kind !== 'event') return;
    const { position, value } = observed;
    console.log(`EXPIRED ${JSON.stringify({ name, fence: value.fence, ...position })}`);
  });
}
server.register(
  'probe',
  valueService({
    probe: () => ({
      applied: raft.appliedIndex,
      hash: raft.stateHash,
      snapshot: raft.log?.snapshot()?.index ?? 0,
    }),
  }),
);
await server.listen();
await raft.bootstrap(peers);
