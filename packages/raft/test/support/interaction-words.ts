import type {
  ConfigurationChange,
  Entry,
  Message,
  NodeId,
  ProposedEntry,
  SingleChange,
} from '../../src/index.js';
import { type Configuration, decodeConfigurationChange, nodeId } from '../../src/index.js';
import { type PeerStatus, type Role, type SnapshotMetadata } from '../../src/index.js';

/** How etcd's interaction scripts write what ours are called otherwise. Its servers are numbers, and 0 is nobody. */

const ROLES: Readonly<Record<Role, string>> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
};

const KINDS: Readonly<Record<Message['kind'], string>> = {
  'vote-request': 'MsgVote',
  'vote-response': 'MsgVoteResp',
  'pre-vote-request': 'MsgPreVote',
  'pre-vote-response': 'MsgPreVoteResp',
  'append-request': 'MsgApp',
  'append-response': 'MsgAppResp',
  heartbeat: 'MsgHeartbeat',
  'heartbeat-response': 'MsgHeartbeatResp',
  'read-index-request': 'MsgReadIndex',
  'read-index-response': 'MsgReadIndexResp',
  'install-snapshot-request': 'MsgSnap',
  'timeout-now': 'MsgTimeoutNow',
  'transfer-request': 'MsgTransferLeader',
  'propose-request': 'MsgProp',
};

const CHANGES: Readonly<Record<string, SingleChange['kind']>> = {
  v: 'add-voter',
  l: 'add-learner',
  r: 'remove',
};

export const roleName = (role: Role): string => ROLES[role];
export const kindName = (message: Message): string => KINDS[message.kind];
export const nodeName = (id: NodeId): string => (id === '' ? '0' : id);

export function describeMessage(message: Message): string {
  const { from, to } = message;
  const term = message.kind === 'propose-request' ? 0 : message.term;
  return `${from}->${to} ${kindName(message)} Term:${term} ${bodyOf(message)}`;
}

function bodyOf(message: Message): string {
  switch (message.kind) {
    case 'vote-request':
    case 'pre-vote-request':
      return `Log:${message.lastTerm}/${message.lastIndex}`;
    case 'vote-response':
    case 'pre-vote-response':
      return message.granted ? 'Log:0/0' : 'Log:0/0 Rejected (Hint: 0)';
    case 'append-request': {
      const { commit, entries, previousIndex, previousTerm } = message;
      return `Log:${previousTerm}/${previousIndex}${commitWords(commit)}${entriesWords(entries)}`;
    }
    case 'append-response':
      return message.rejected
        ? `Log:${message.hintTerm}/${message.rejectedIndex} Rejected (Hint: ${message.hintIndex})`
        : `Log:0/${message.matchIndex}`;
    case 'heartbeat':
      return `Log:0/0${commitWords(message.commit)}`;
    case 'install-snapshot-request':
      return `Log:0/0 Snapshot: ${describeSnapshot(message.snapshot)}`;
    case 'propose-request':
      return `Log:0/0 Entries:[${message.entries.map((entry) => `0/0 ${describeData(entry)}`).join(', ')}]`;
    default:
      return 'Log:0/0';
  }
}

const commitWords = (commit: number): string => (commit === 0 ? '' : ` Commit:${commit}`);
const entriesWords = (entries: readonly Entry[]): string =>
  entries.length === 0 ? '' : ` Entries:[${entries.map(describeEntry).join(', ')}]`;

export function describeEntry(entry: Entry): string {
  return `${entry.term}/${entry.index} ${describeData(entry)}`;
}

function describeData({ data, kind }: ProposedEntry): string {
  if (kind === 'normal') return `EntryNormal ${JSON.stringify(new TextDecoder().decode(data))}`;
  const { changes } = decodeConfigurationChange(data);
  const letterOf = (sought: string): string =>
    Object.entries(CHANGES).find(([, each]) => each === sought)?.[0] ?? '?';
  return ['EntryConfChangeV2', ...changes.map((change) => `${letterOf(change.kind)}${change.id}`)].join(' ');
}

export function describeSnapshot({ configuration, index, term }: SnapshotMetadata): string {
  const { autoLeave, learners, learnersNext, voters, votersOutgoing } = configuration;
  const list = (ids: readonly NodeId[]): string => `[${ids.toSorted().join(' ')}]`;
  const halves = `Voters:${list(voters)} VotersOutgoing:${list(votersOutgoing)}`;
  const others = `Learners:${list(learners)} LearnersNext:${list(learnersNext)} AutoLeave:${autoLeave}`;
  return `Index:${index} Term:${term} ConfState:${halves} ${others}`;
}

export function describeConfiguration(configuration: Configuration): string {
  const { autoLeave, learners, learnersNext, voters, votersOutgoing } = configuration;
  const list = (ids: readonly NodeId[]): string => `(${ids.toSorted().join(' ')})`;
  const named = (name: string, ids: readonly NodeId[]): string =>
    ids.length === 0 ? '' : ` ${name}=${list(ids)}`;
  const outgoing = votersOutgoing.length === 0 ? '' : `&&${list(votersOutgoing)}`;
  const rest = `${named('learners', learners)}${named('learners_next', learnersNext)}`;
  return `voters=${list(voters)}${outgoing}${rest}${autoLeave ? ' autoleave' : ''}`;
}

export function describeProgress(peer: PeerStatus, maxInflight: number): string {
  const { inflightMessages, isLearner, isPaused, match, next, pendingSnapshot, recentlyActive } = peer;
  const state = `State${peer.state.charAt(0).toUpperCase()}${peer.state.slice(1)}`;
  const words = [`${peer.id}: ${state} match=${match} next=${next}`];
  if (isLearner) words.push('learner');
  if (isPaused) words.push('paused');
  if (pendingSnapshot > 0) words.push(`pendingSnap=${pendingSnapshot}`);
  if (!recentlyActive) words.push('inactive');
  if (inflightMessages > 0) {
    words.push(`inflight=${inflightMessages}${inflightMessages >= maxInflight ? '[full]' : ''}`);
  }
  return words.join(' ');
}

const TRANSITIONS: Readonly<Record<string, ConfigurationChange['transition']>> = {
  auto: 'auto',
  implicit: 'joint-implicit',
  explicit: 'joint-explicit',
};

/** @param words As `v2 r3`; none leave the joint configuration. */
export function readChange(transition: string | undefined, words: readonly string[]): ConfigurationChange {
  const changes = words.map((word): SingleChange => {
    const kind = CHANGES[word.charAt(0)];
    if (!kind) throw new Error(`no change: ${word}`);
    return { kind, id: nodeId(word.slice(1)) };
  });
  return { transition: TRANSITIONS[transition ?? 'auto'] ?? 'auto', changes, context: new Uint8Array(0) };
}
