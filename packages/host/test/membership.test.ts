import { silentLogger } from '@decoraft/base';
import { memberRecord, type MembersUpdate } from '@decoraft/protocol';
import {
  configurationOf,
  type Index,
  NOBODY,
  nodeId,
  type RaftStatus,
  type SingleChange,
  type Term,
} from '@decoraft/raft';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Members } from '../src/index.js';
import { Membership, type MembershipNode } from '../src/membership.js';

type Peer = RaftStatus['progress'][number];

const COMMIT = 10_000;
const LAG = 100;

let members: Members;
let proposed: { readonly changes: readonly SingleChange[]; readonly update: MembersUpdate }[];

beforeEach(() => {
  members = new Members();
  const disks = { ...memberRecord({ id: 'a', address: 'h:a' }), disk: 1 };
  const joining = { ...memberRecord({ id: 'd', address: 'h:d' }), disk: 4, promote: true };
  members.update({ clusterId: 'orders', members: [disks, joining] });
  proposed = [];
});

/** What a leader does about the learner `d`, of which it knows this. */
function maintain(known: Partial<Peer>): void {
  const peer: Peer = {
    id: nodeId('d'),
    state: 'replicate',
    match: COMMIT as Index,
    next: (COMMIT + 1) as Index,
    isLearner: true,
    isPaused: false,
    recentlyActive: true,
    inflightMessages: 0,
    inflightBytes: 0,
    pendingSnapshot: 0 as Index,
    ...known,
  };
  const node: MembershipNode = {
    id: nodeId('a'),
    disk: 1,
    members,
    status: () => ({
      id: nodeId('a'),
      role: 'leader',
      leader: nodeId('a'),
      term: 2 as Term,
      vote: nodeId('a'),
      commit: COMMIT as Index,
      applied: COMMIT as Index,
      firstIndex: 1 as Index,
      lastIndex: COMMIT as Index,
      configuration: configurationOf({ voters: [nodeId('a')], learners: [nodeId('d')] }),
      readRounds: 0,
      leadTransferee: NOBODY,
      progress: [peer],
    }),
    change: (changes, update) => {
      proposed.push({ changes, update });
      return Promise.resolve();
    },
    nextApplied: () => Promise.resolve(),
  };
  const settings = { ...DEFAULT_SETTINGS, promotionLagEntries: LAG };
  new Membership(node, settings, silentLogger).maintain();
}

describe('a learner (C26)', () => {
  it.each([
    ['lacks one entry more than it may', { match: (COMMIT - LAG - 1) as Index }],
    ['was not heard of lately', { recentlyActive: false }],
    ['is still looked for in the log', { state: 'probe' } as const],
    ['is being sent a snapshot', { state: 'snapshot' } as const],
  ])('has no vote while it %s', (_, known) => {
    maintain(known);
    expect(proposed).toEqual([]);
  });

  it('has its vote when it has nearly all, in an entry that also says that this is done', () => {
    maintain({ match: (COMMIT - LAG) as Index });
    expect(proposed).toMatchObject([
      {
        changes: [{ kind: 'add-voter', id: 'd' }],
        update: { members: [{ id: 'd', promote: false, replaces: '' }] },
      },
    ]);
  });

  it('that was to stay one is never promoted', () => {
    const staying = { ...memberRecord({ id: 'd', address: 'h:d' }), disk: 4 };
    members.update({ members: [staying] });
    maintain({});
    expect(proposed).toEqual([]);
  });

  it('takes the place of another in the same change', () => {
    members.update({
      members: [
        { ...memberRecord({ id: 'c', address: 'h:c' }), disk: 3 },
        { ...memberRecord({ id: 'd', address: 'h:d' }), disk: 4, promote: true, replaces: 'c' },
      ],
    });
    maintain({});
    expect(proposed.map(({ changes }) => changes)).toEqual([
      [
        { kind: 'add-voter', id: 'd' },
        { kind: 'remove', id: 'c' },
      ],
    ]);
  });
});
