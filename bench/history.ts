import type { MemberAddress } from '@decoraft/protocol';
import { encodeProposal, machineId, operationId, type SessionId, stampProposal } from '@decoraft/protocol';
import { bootstrapLog, GroupState, Members } from '@decoraft/host';
import { type Entry, index, type Index, NOBODY, nodeId, term } from '@decoraft/raft';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import { Replica } from '@decoraft/state-machine';
import { durableStorage, type NodeLog } from '@decoraft/storage';
import { setImmediate as turn } from 'node:timers/promises';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import '../examples/key-value/src/generated/operations.js';

const TERM = term(1);
const ENTRIES_PER_BATCH = 1_000;
const SESSION_MS = 1_000 * 60 * 60 * 24 * 365;

export interface HistoryOptions {
  /** Addresses by id, of all that begin the cluster. */
  readonly peers: Readonly<Record<string, string>>;
  /** Who has all of it: data directories by id. They get the same. */
  readonly directories: Readonly<Record<string, string>>;
  /** The last index: every entry but the first few sets another key to a short value. */
  readonly entries: number;
  readonly snapshotAt: number;
}

/**
 * What a cluster of key-value nodes has on its disks after so many commands, written straight through the storage:
 * a client would need minutes. Nothing is compacted.
 */
export async function writeHistory(options: HistoryOptions): Promise<void> {
  const { directories, entries, peers, snapshotAt } = options;
  const members = membersOf(peers);
  const logs = await Promise.all(
    Object.entries(directories).map(([id, directory]) =>
      durableStorage(directory).open({ nodeId: nodeId(id) }),
    ),
  );
  const replica = new Replica({ encode: encodeValue, decode: decodeValue });
  replica.register('users', new KeyValue());
  const group = new GroupState(new Members(), replica);
  await Promise.all(logs.map((log) => bootstrapLog(log, members)));
  for (const entry of logs[0]?.entries(index(1), index(members.length + 1), Infinity) ?? [])
    group.apply(entry);
  const opening = members.length + 1;
  for (let first = opening; first <= entries;) {
    // A batch ends where the snapshot is taken.
    const end = first <= snapshotAt ? snapshotAt : entries;
    const count = Math.min(ENTRIES_PER_BATCH, end - first + 1);
    const batch = Array.from({ length: count }, (_, at) => entryAt(first + at, opening));
    first += count;
    await Promise.all(logs.map((log) => log.append({ entries: batch })));
    if (first - 1 <= snapshotAt) for (const entry of batch) group.apply(entry);
    if (first - 1 === snapshotAt) for (const log of logs) await saveSnapshot(log, group);
  }
  const hardState = { term: TERM, vote: NOBODY, commit: index(entries) };
  await Promise.all(logs.map((log) => log.append({ entries: [], hardState })));
  await Promise.all(logs.map((log) => log.close()));
}

/** What the others have that have been away since the cluster began. */
export async function writeBeginning(
  directory: string,
  id: string,
  peers: Readonly<Record<string, string>>,
): Promise<void> {
  const log = await durableStorage(directory).open({ nodeId: nodeId(id) });
  await bootstrapLog(log, membersOf(peers));
  await log.close();
}

/** Lets go of entries, as a node does behind a snapshot. */
export async function compact(directory: string, id: string, through: number): Promise<void> {
  const log = await durableStorage(directory).open({ nodeId: nodeId(id) });
  await log.compact(index(through));
  await log.close();
}

function membersOf(peers: Readonly<Record<string, string>>): readonly MemberAddress[] {
  return Object.entries(peers).map(([id, address]) => ({ id, address }));
}

function entryAt(at: Index | number, opening: number): Entry {
  const session = opening as SessionId;
  const sequence = at - opening;
  const proposal =
    sequence === 0
      ? encodeProposal({ kind: 'open-session', timeoutMs: SESSION_MS })
      : encodeProposal({
          kind: 'command',
          origin: { session, sequence, acknowledged: sequence - 1 },
          machine: machineId('users'),
          operation: operationId('set'),
          args: encodeValue([`key-${at}`, `value-${at}`]),
        });
  return { index: index(at), term: TERM, kind: 'normal', data: stampProposal(Date.now(), proposal) };
}

async function saveSnapshot(log: NodeLog, group: GroupState): Promise<void> {
  const view = group.view();
  if (!view) throw new Error('there is nothing to save');
  await log.saveSnapshot(
    view.metadata,
    view.chunks(() => turn()),
  );
}
