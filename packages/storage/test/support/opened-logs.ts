import type { LogStore } from '@decoraft/raft';
import { afterEach } from 'vitest';
import type { Storage } from '../../src/storage.js';
import { entries, hardState, NODE_A } from './entries.js';
import { save, snapshot } from './snapshots.js';

export interface OpenedLogs {
  readonly openLog: (storage: Storage) => Promise<LogStore>;
  /** Closes the log and opens it again. */
  readonly reopened: (storage: Storage, log: LogStore) => Promise<LogStore>;
  /** Opened, with entries 1 to 6, of terms 1 and 2, and a snapshot at 4. */
  readonly withSnapshot: (storage: Storage) => Promise<LogStore>;
}

/** For the tests of one `describe`: what a test opened is closed when it is over, however it ended. */
export function openedLogs(): OpenedLogs {
  const open = new Set<LogStore>();

  async function openLog(storage: Storage): Promise<LogStore> {
    const log = await storage.open({ nodeId: NODE_A });
    open.add(log);
    return log;
  }

  async function reopened(storage: Storage, log: LogStore): Promise<LogStore> {
    await log.close();
    open.delete(log);
    return openLog(storage);
  }

  async function withSnapshot(storage: Storage): Promise<LogStore> {
    const log = await openLog(storage);
    await log.append({
      entries: [...entries(1, 3, 1), ...entries(4, 6, 2)],
      hardState: hardState(2, 'a', 4),
    });
    await save(log, snapshot(4, 2));
    return log;
  }

  afterEach(async () => {
    for (const log of open) await log.close();
    open.clear();
  });

  return { openLog, reopened, withSnapshot };
}
