/** A node with a {@link Tally}: `node tally-node.mjs ID DATA_DIR PEERS_AS_JSON [{"settings":…,"limits":…}]`. */
import { startNode, valueService } from 'decoraft/server';
import { Tally } from './tally.mjs';

const [id, dataDir, peers, more = '{}'] = process.argv.slice(2);

/** Of this process, in bytes: now, and the most that it ever was. */
const memory = () => ({ ...process.memoryUsage(), peak: process.resourceUsage().maxRSS * 1_024 });

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers),
  machines: { tally: new Tally() },
  services: { probe: valueService({ memory }) },
  ...JSON.parse(more),
});
node.raft.on('failed', (error) => console.log(`FAILED ${error?.stack ?? error}`));
console.log(`${id} listens on ${node.address}`);
