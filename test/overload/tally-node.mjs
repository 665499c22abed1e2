/**
 * A node with a {@link Tally}: `node tally-node.mjs ID DATA_DIR PEERS_AS_JSON [{"settings":…,"limits":…,"flushMs":…,"lifeMs":…}]`.
 * With `flushMs` its disk is that much slower; after `lifeMs` it ends, whatever became of who started it.
 */
import { systemClock, systemRandom } from '@decoraft/base';
import { assembleNode, durableStorage, stderrLogger, valueService } from 'decoraft/server';
import { slowDisk } from './slow-disk.mjs';
import { Tally } from './tally.mjs';

const [id, dataDir, peers, more = '{}'] = process.argv.slice(2);
const { flushMs = 0, lifeMs = 600_000, ...options } = JSON.parse(more);
setTimeout(() => process.exit(1), lifeMs);

let asked = 0;
let refused = 0;
const counting = (next) => async (request) => {
  if (request.method === 'query') asked += 1;
  try {
    return await next(request);
  } catch (error) {
    if (error.code === 'Overloaded') refused += 1;
    throw error;
  }
};

const state = () => {
  const peak = process.resourceUsage().maxRSS * 1_024;
  return { rss: process.memoryUsage.rss(), peak, asked, refused };
};

const description = {
  id,
  peers: JSON.parse(peers),
  machines: { tally: new Tally() },
  services: { probe: valueService({ state }) },
  interceptors: [counting],
  onFatal: (error) => {
    console.log(`FAILED ${error?.stack ?? error}`);
    process.exit(1);
  },
  ...options,
};
const logger = stderrLogger();
const node = await assembleNode(description, {
  clock: systemClock,
  random: systemRandom,
  logger,
  storage: () => durableStorage(dataDir, { logger, ...(flushMs > 0 ? { disk: slowDisk(flushMs) } : {}) }),
  soon: (callback) => void setImmediate(callback),
});
node.raft.on('failed', (error) => console.log(`FAILED ${error?.stack ?? error}`));
console.log(`${id} listens on ${node.address}`);
