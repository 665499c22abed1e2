import { stableHash } from '@decoraft/base';
import {
  DecoraftError,
  decodeMembersImage,
  decodeMembersUpdate,
  encodeMembersUpdate,
  type MemberRecord,
} from '@decoraft/protocol';
import {
  changeConfiguration,
  type Configuration,
  type ConfigurationChange,
  configurationOf,
  decodeConfigurationChange,
  encodeConfigurationChange,
  type Entry,
  index,
  type LogStore,
  NOBODY,
  nodeId,
  term,
} from '@decoraft/raft';
import { idsOf, Members } from './members.js';
import { readImage } from './node-image.js';

const NO_CONTEXT = new Uint8Array(0);

/** What making a node the only member of a new cluster would mean. */
export interface ForcedClusterPlan {
  readonly id: string;
  /** The cluster that ends. */
  readonly clusterId: string;
  /** The last entry of this node's log. All up to here is kept; what only others had is lost. */
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** The members that the new cluster goes on without. They must never be started again. */
  readonly lost: readonly string[];
  /** To be given to {@link forceNewCluster}: says that this plan was read, and that nothing changed since. */
  readonly token: string;
}

/** What a node's log says of the members, up to its end. */
interface LogEnd {
  readonly configuration: Configuration;
  readonly members: Members;
}

/**
 * For a cluster that lost its majority for good: says what it would mean to go on from one survivor. Changes nothing.
 *
 * @throws DecoraftError `InvalidArgument` for a log that knows no cluster, `Corrupted`.
 */
export async function planForcedCluster(log: LogStore, id: string): Promise<ForcedClusterPlan> {
  const { configuration, members } = await readLogEnd(log);
  const ids = idsOf(configuration);
  if (ids.length === 0) throw new DecoraftError('InvalidArgument', 'the log knows no cluster');
  const lastIndex = log.lastIndex();
  const lastTerm = log.term(lastIndex) ?? 0;
  const { clusterId } = members;
  const lost = ids.filter((other) => other !== id).toSorted();
  const token = tokenOf([clusterId, id, lastIndex, lastTerm, log.hardState().term, ...lost]);
  return { id, clusterId, lastIndex, lastTerm, lost, token };
}

/**
 * Makes this node the only member of a new cluster that begins with all that this node's log holds, committed or not:
 * what was acknowledged and is here stays; what only others had is lost; what nobody was told of may come to life. The
 * other members must never run again: they are another cluster now, and are refused.
 *
 * @param member This node, with the address under which it will be reached.
 * @param token From {@link planForcedCluster}.
 * @throws DecoraftError `InvalidArgument` for a token that does not belong to the log as it is.
 */
export async function forceNewCluster(log: LogStore, member: MemberRecord, token: string): Promise<void> {
  const plan = await planForcedCluster(log, member.id);
  if (plan.token !== token) {
    throw new DecoraftError(
      'InvalidArgument',
      `${token} is not the token of this log as it is now: make a plan again, and read it`,
    );
  }
  const { configuration } = await readLogEnd(log);
  const newTerm = term(log.hardState().term + 1);
  const clusterId = tokenOf([plan.clusterId, member.id, plan.lastIndex, newTerm]);
  const context = encodeMembersUpdate({ clusterId, members: [member] });
  const entries = changesTo(configuration, member.id, context).map((change, at): Entry => {
    const data = encodeConfigurationChange(change);
    return { term: newTerm, index: index(plan.lastIndex + 1 + at), kind: 'configuration', data };
  });
  const commit = index(plan.lastIndex + entries.length);
  await log.append({ entries, hardState: { term: newTerm, vote: NOBODY, commit } });
}

/** The steps from a configuration to one in which `id` decides alone. */
function changesTo(
  configuration: Configuration,
  id: string,
  context: Uint8Array,
): readonly ConfigurationChange[] {
  const leave: ConfigurationChange = { transition: 'auto', changes: [], context: NO_CONTEXT };
  const removals = idsOf(configuration)
    .filter((other) => other !== id)
    .map((other) => ({ kind: 'remove', id: nodeId(other) }) as const);
  const enter: ConfigurationChange = {
    transition: 'joint-explicit',
    changes: [{ kind: 'add-voter', id: nodeId(id) }, ...removals],
    context,
  };
  return configuration.votersOutgoing.length > 0 ? [leave, enter, leave] : [enter, leave];
}

async function readLogEnd(log: LogStore): Promise<LogEnd> {
  const members = new Members();
  const snapshot = await log.readSnapshot();
  if (snapshot) {
    try {
      members.restore(decodeMembersImage((await readImage(snapshot.chunks())).members));
    } finally {
      await snapshot.close();
    }
  }
  let configuration = snapshot?.configuration ?? configurationOf({ voters: [] });
  for (const entry of entriesBehind(log, snapshot?.index ?? 0)) {
    if (entry.kind !== 'configuration') continue;
    const change = decodeConfigurationChange(entry.data);
    if (change.context.length > 0) members.update(decodeMembersUpdate(change.context));
    configuration = changeConfiguration(configuration, change);
  }
  return { configuration, members };
}

const READ_BYTES = 1024 * 1024;

function* entriesBehind(log: LogStore, start: number): Generator<Entry> {
  const end = index(log.lastIndex() + 1);
  for (let from = Math.max(start + 1, log.firstIndex()); from < end;) {
    const entries = log.entries(index(from), end, READ_BYTES);
    yield* entries;
    from += entries.length;
  }
}

function tokenOf(parts: readonly (string | number)[]): string {
  return stableHash(parts.join('/')).toString(16).padStart(8, '0');
}
