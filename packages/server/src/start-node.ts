import { type Logger, systemClock, systemRandom } from '@decoraft/base';
import { DEFAULT_GROUP } from '@decoraft/protocol';
import { durableStorage, type DurableStorageOptions, memoryStorage, type Storage } from '@decoraft/storage';
import { assembleNode, type DecoraftNode, type NodeDescription } from './assemble-node.js';
import { checkNodeOptions } from './check-node-options.js';
import { stderrLogger } from './stderr-logger.js';

export interface NodeOptions extends Omit<NodeDescription, 'onFatal'> {
  /**
   * Where the log is kept; made when missing. That of the group `x` of `groups` is in `groups/x` within. `':memory:'`
   * keeps nothing: for tests.
   */
  readonly dataDir: string;
  readonly logger?: Logger;
  /**
   * What to do when the node cannot go on, because its disk failed. By default the process ends with the error:
   * a node without its disk has nothing left to do.
   */
  readonly onFatal?: (error: unknown) => void;
}

/** Beside the files of the node's own group, whose directory is `dataDir` itself. */
const GROUPS = 'groups';
const IN_MEMORY = ':memory:';

/**
 * Starts a node: the short way. The long way is what {@link assembleNode} does, with every part in your hand.
 *
 * @throws DecoraftError `InvalidArgument`, `Corrupted`, `DiskFailed`, `Unavailable` when the port is taken.
 */
export async function startNode(options: NodeOptions): Promise<DecoraftNode> {
  checkNodeOptions(options);
  const { dataDir, logger = stderrLogger(), onFatal = endProcess, ...description } = options;
  return assembleNode(
    { ...description, onFatal },
    {
      clock: systemClock,
      random: systemRandom,
      logger,
      storage: (group, log) => storageAt(directoryOf(dataDir, group), { ...log, logger }),
      soon: (callback) => void setImmediate(callback),
    },
  );
}

function storageAt(dataDir: string, options: DurableStorageOptions): Storage {
  return dataDir === IN_MEMORY ? memoryStorage() : durableStorage(dataDir, options);
}

function directoryOf(dataDir: string, group: string): string {
  if (dataDir === IN_MEMORY || group === DEFAULT_GROUP) return dataDir;
  return `${dataDir}/${GROUPS}/${group}`;
}

/** Out of every handler's reach but the process's own: whoever wants another end gives `onFatal`. */
function endProcess(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
