/**
 * One node of the black-box test, as a process: `node --import tsx node.ts ID DATA_DIR PEERS_AS_JSON MORE_AS_JSON`.
 * It reaches the others by the ways that `more.ways` names, which lead through the proxies.
 *
 * Whatever ends it, or tells it apart from the others, is printed in a line that begins with `FAILED` or `DIVERGED`; a term
 * in which it leads in one with `LEADS`, and how many milliseconds it took to start in one with `STARTED`.
 */
import { durableStorage } from '@decoraft/storage';
import { type HostSettings, RaftService, RpcServer, stderrLogger, valueService } from 'decoraft/server';
import './generated/operations.js';
import { Journal } from './journal.machine.js';
import { JOURNAL, type NodeProbe, type Ways } from './names.js';
import { endWithParent } from './parent.js';
import { rewired } from './rewired-dialer.js';

interface More {
  readonly settings: Partial<HostSettings>;
  readonly storage: { readonly segmentBytes?: number; readonly cacheBytes?: number };
  readonly ways: Readonly<Record<string, Ways>>;
}

const [id = '', dataDir = '', peersAsJson = '{}', moreAsJson = '{}'] = process.argv.slice(2);
const peers = JSON.parse(peersAsJson) as Readonly<Record<string, string>>;
const { settings, storage, ways } = JSON.parse(moreAsJson) as More;

endWithParent();
const logger = stderrLogger(process.env['DECORAFT_BLACKBOX_LOG'] === 'debug' ? 'debug' : 'warn');
const server = new RpcServer({ address: peers[id] ?? '', logger });
const raft = new RaftService({
  id,
  server,
  storage: durableStorage(dataDir, { ...storage, logger }),
  settings,
  logger,
  transport: rewired(ways[id] ?? {}),
});
raft.on('failed', fail);
raft.on('roleChanged', ({ role }) => role === 'leader' && console.log(`LEADS ${raft.term}`));
raft.on('diverged', (found) => console.log(`DIVERGED ${JSON.stringify(found)}`));
raft.register(JOURNAL, new Journal());

const probe = (): NodeProbe => ({
  applied: raft.appliedIndex,
  hash: raft.stateHash,
  term: raft.term,
  snapshot: raft.log?.snapshot()?.index ?? 0,
  residentBytes: process.memoryUsage.rss(),
});

server.register('probe', valueService({ probe }));
try {
  await server.listen();
  await raft.bootstrap(peers);
  console.log(`STARTED ${Math.round(performance.now())}`);
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  console.log(`FAILED ${error instanceof Error ? error.stack : String(error)}`);
  process.exit(1);
}
