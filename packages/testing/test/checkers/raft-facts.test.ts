import type { Message } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { FactBroken, type NodeObservation, RaftFacts } from '../../src/index.js';
import { acknowledged, campaigned, drawnNode as node, granted } from './support/drawn-node.js';

/** A run: nodes after their steps, and messages when they were sent. */
type Run = readonly (NodeObservation | Message)[];

function look(run: Run): RaftFacts {
  const facts = new RaftFacts();
  for (const event of run) {
    if ('kind' in event) facts.sent(event.from, event);
    else facts.stepped(event);
  }
  return facts;
}

/** The fact that a run breaks, with nodes and indexes. */
function brokenBy(run: Run): string {
  try {
    look(run);
  } catch (error) {
    if (!(error instanceof FactBroken)) throw error;
    return [error.fact, error.nodes.join(' '), error.indexes.join(' ')].join(' | ');
  }
  return 'nothing';
}

const lead = { role: 'leader' } as const;
const committed = (commit: number) => ({ commit, applied: commit });

const RUNS: Readonly<Record<string, Readonly<Record<string, readonly [Run, string]>>>> = {
  'one leader a term': {
    'two terms, two leaders': [[node('n1', '1a', lead), node('n2', '1a 2b', lead)], 'nothing'],
    'one leader twice': [[node('n1', '1a', lead), node('n1', '1a 1b', lead)], 'nothing'],
    'two leaders in one term': [
      [node('n1', '1a', lead), node('n2', '', { ...lead, term: 1 })],
      'one-leader-a-term | n1 n2 | ',
    ],
    'two leaders in one term, one of them gone since': [
      [node('n1', '1a', lead), node('n1', '1a', { term: 2 }), node('n2', '', { ...lead, term: 1 })],
      'one-leader-a-term | n1 n2 | ',
    ],
  },
  'a leader appends only': {
    'it appends': [[node('n1', '1a', lead), node('n1', '1a 1b', lead)], 'nothing'],
    'it compacts': [
      [node('n1', '1a 1b', { ...lead, ...committed(2) }), node('n1', '1@2', { ...lead, term: 1 })],
      'nothing',
    ],
    'a follower removes what is not committed': [
      [node('n1', '1a 1b 1c', lead), node('n1', '1a 2d', { term: 2 })],
      'nothing',
    ],
    'it restarts with less': [
      [node('n1', '1a 1b', lead), node('n1', '1a', { life: 2 }), node('n1', '1a 3c', { ...lead, life: 2 })],
      'nothing',
    ],
    'it removed before it led': [
      [
        node('n1', '1a 1b'),
        node('n1', '1a 1b', { ...lead, term: 2, hasReady: true }),
        node('n1', '1a 2c', lead),
      ],
      'nothing',
    ],
    'it removes': [[node('n1', '1a 1b', lead), node('n1', '1a', lead)], 'leader-appends-only | n1 | 2 2'],
    'it replaces': [
      [node('n1', '1a 2b 3c', lead), node('n1', '1a 3d 3e', lead)],
      'leader-appends-only | n1 | 2 3',
    ],
    'it forgets what it has not stored': [
      [node('n1', '1a', { ...lead, ahead: 2 }), node('n1', '1a', { ...lead, ahead: 1 })],
      'leader-appends-only | n1 | 3 3',
    ],
  },
  'a leader commits entries of its own term': {
    'older ones come along': [
      [node('n1', '1a 2b', lead), node('n1', '1a 2b', { ...lead, ...committed(2) })],
      'nothing',
    ],
    'what was committed before it led': [
      [node('n1', '1a', { term: 2 }), node('n1', '1a', { ...lead, term: 2, ...committed(1) })],
      'nothing',
    ],
    'it counts for an older one (figure 8)': [
      [node('n1', '1a 2b 4c', lead), node('n1', '1a 2b 4c', { ...lead, ...committed(2) })],
      'leader-commits-own-term | n1 | 2',
    ],
  },
  'log matching': {
    'logs that differ in terms': [[node('n1', '1a 1b'), node('n2', '1a 2b')], 'nothing'],
    'a log that is replaced': [
      [node('n1', '1a 1b'), node('n2', '1a 2c'), node('n1', '1a 2c', { term: 2 })],
      'nothing',
    ],
    'a log behind a snapshot': [[node('n1', '1a 1b 2c', committed(2)), node('n2', '1@2 2c')], 'nothing'],
    'different data': [[node('n1', '1a 1b'), node('n2', '1a 1c')], 'log-matching | n1 n2 | 2'],
    'different kinds': [[node('n1', '1A'), node('n2', '1a')], 'log-matching | n1 n2 | 1'],
    'different terms before': [[node('n1', '1a 3c'), node('n2', '2b 3c')], 'log-matching | n1 n2 | 2'],
    'a different term below the snapshot': [
      [node('n1', '1a 1b 3c', committed(2)), node('n2', '1a 2b 3c')],
      'log-matching | n1 n2 | 3',
    ],
    'a term that falls along the log': [[node('n1', '2a 1b')], 'log-matching | n1 | 2'],
  },
  'committed entries': {
    'all have the same': [
      [
        node('n1', '1a 1b', committed(2)),
        node('n2', '1a 1b', committed(1)),
        node('n2', '1a 1b', committed(2)),
      ],
      'nothing',
    ],
    'what is not committed differs': [
      [node('n1', '1a 1b', committed(1)), node('n2', '1a 2c', committed(1))],
      'nothing',
    ],
    'the store lags behind the commit index': [
      [
        node('n1', '1a 1b', committed(2)),
        node('n2', '1a', { commit: 2, ahead: 1, hasReady: true }),
        node('n2', '1a 1b', committed(2)),
      ],
      'nothing',
    ],
    'the store lags behind the commit index, and then differs': [
      [
        node('n1', '1a 1b', committed(2)),
        node('n2', '1a', { commit: 2, ahead: 1, hasReady: true }),
        node('n2', '1a 2b', committed(2)),
      ],
      'committed-entries | n1 n2 | 2',
    ],
    'the store shows what the core has replaced': [
      [
        node('n1', '1a 2b', committed(2)),
        node('n2', '1a 1c', { term: 2, commit: 2, hasReady: true }),
        node('n2', '1a 2b', committed(2)),
      ],
      'nothing',
    ],
    'two commit different entries': [
      [node('n1', '1a 1b', committed(2)), node('n2', '1a 2c', committed(2))],
      'committed-entries | n1 n2 | 2',
    ],
    'one replaces what it committed': [
      [node('n1', '1a 1b', committed(2)), node('n1', '1a 2c', committed(2))],
      'committed-entries | n1 | 2 2',
    ],
    'one replaces what it committed, in a restart': [
      [
        node('n1', '1a 1b', committed(2)),
        node('n1', '1a 2c', { life: 2 }),
        node('n1', '1a 2c', { life: 2, commit: 2 }),
      ],
      'committed-entries | n1 n1 | 2',
    ],
    'a snapshot of what is committed': [
      [node('n1', '1a 1b 1c', committed(3)), node('n2', '1a'), node('n2', '1@3')],
      'nothing',
    ],
    'a snapshot of another entry': [
      [node('n1', '1a 1b 2c', committed(3)), node('n2', '1@3')],
      'committed-entries | n1 n2 | 3',
    ],
    'a snapshot of what nobody committed': [
      [node('n1', '1a 1b 1c', committed(2)), node('n2', '1@3')],
      'committed-entries | n2 | 3',
    ],
    'a snapshot below what is committed replaces the log': [
      [node('n1', '1a 1b 1c', committed(3)), node('n1', '1@2', { ...committed(2) })],
      'commit-index | n1 | 3 2',
    ],
  },
  'leader completeness': {
    'a leader with everything': [
      [node('n1', '1a 1b', { ...lead, ...committed(2) }), node('n2', '1a 1b 2c', lead)],
      'nothing',
    ],
    'a leader without what is not committed': [
      [node('n1', '1a 1b', { ...lead, ...committed(1) }), node('n2', '1a 2c', lead)],
      'nothing',
    ],
    'a leader that has it in its snapshot': [
      [node('n1', '1a 1b', { ...lead, ...committed(2) }), node('n2', '1@2 2c', lead)],
      'nothing',
    ],
    'an old leader that does not know of the new one (figure 8)': [
      [
        node('n1', '1a 2b', lead),
        node('n5', '1a 3c', lead),
        node('n1', '1a 2b 4d', { ...lead, ...committed(3) }),
        node('n5', '1a 3c 3e', lead),
      ],
      'nothing',
    ],
    'an old leader that is seen for the first time': [
      [node('n1', '1a 2b 4d', { ...lead, ...committed(3) }), node('n5', '1a 3c', lead)],
      'nothing',
    ],
    'a leader whose store lags behind': [
      [
        node('n1', '1a 1b', { ...lead, ...committed(2) }),
        node('n2', '1a', { ...lead, term: 2, ahead: 2, hasReady: true }),
      ],
      'nothing',
    ],
    'a leader with less': [
      [node('n1', '1a 1b', { ...lead, ...committed(2) }), node('n2', '1a', { ...lead, term: 2 })],
      'leader-completeness | n1 n2 | 2',
    ],
    'a leader with another entry': [
      [node('n1', '1a 2b', { ...lead, ...committed(2) }), node('n2', '1a 3c', lead)],
      'leader-completeness | n1 n2 | 2',
    ],
    'a leader with less, of which a later one committed more since': [
      [
        node('n1', '1a 1b', { ...lead, ...committed(2) }),
        node('n3', '1a 1b 4c', { ...lead, ...committed(3) }),
        node('n2', '1a', { ...lead, term: 3 }),
      ],
      'leader-completeness | n1 n2 | 2',
    ],
  },
  'the commit index': {
    'starts anew in a new life': [
      [node('n1', '1a 1b', { commit: 2 }), node('n1', '1a 1b', { life: 2 })],
      'nothing',
    ],
    'is behind the log': [[node('n1', '1a', { commit: 2 })], 'commit-index | n1 | 2 1'],
    'goes back': [
      [node('n1', '1a 1b', { commit: 2 }), node('n1', '1a 1b', { commit: 1 })],
      'commit-index | n1 | 2 1',
    ],
  },
  'the applied index': {
    'starts anew in a new life': [
      [node('n1', '1a 1b', committed(2)), node('n1', '1a 1b', { life: 2 })],
      'nothing',
    ],
    'waits while a snapshot is installed': [
      [node('n1', '1a 1b', committed(2)), node('n2', ''), node('n2', '1@2', { applied: 0 })],
      'nothing',
    ],
    'is behind the commit index': [
      [node('n1', '1a 1b', { commit: 1, applied: 2 })],
      'applied-index | n1 | 2 1',
    ],
    'goes back': [
      [node('n1', '1a 1b', committed(2)), node('n1', '1a 1b', { commit: 2, applied: 1 })],
      'applied-index | n1 | 2 1',
    ],
    'starts below the snapshot': [
      [node('n1', '1a 1b', committed(2)), node('n1', '1@2', { life: 2, applied: 1 })],
      'applied-index | n1 | 1 2',
    ],
  },
  'a term': {
    'may be forgotten before it is durable': [
      [
        node('n1', '', { term: 3, durable: { term: 2 } }),
        node('n1', '', { term: 2, life: 2, durable: { term: 2 } }),
      ],
      'nothing',
    ],
    'goes back': [[node('n1', '', { term: 3 }), node('n1', '', { term: 2 })], 'term-never-decreases | n1 | '],
    'goes back in a restart': [
      [node('n1', '', { term: 3, durable: { term: 3 } }), node('n1', '', { term: 2, life: 2 })],
      'term-never-decreases | n1 | ',
    ],
    'goes back on disk': [
      [
        node('n1', '', { term: 3, durable: { term: 3 } }),
        node('n1', '', { term: 3, life: 2, durable: { term: 2 } }),
      ],
      'term-never-decreases | n1 | ',
    ],
    'is later on disk than in memory': [
      [node('n1', '', { term: 3, durable: { term: 4 } })],
      'term-never-decreases | n1 | ',
    ],
    'goes back behind a vote that was sent': [
      [node('n1', '', { term: 3, vote: 'n2' }), granted('n1', 'n2', 3), node('n1', '', { term: 2, life: 2 })],
      'term-never-decreases | n1 | ',
    ],
    'goes back behind an acknowledgement that was sent': [
      [node('n1', '3a'), acknowledged('n1', 'n2', 3, 1), node('n1', '3a', { term: 2, life: 2 })],
      'term-never-decreases | n1 | ',
    ],
  },
  'a vote': {
    'is given anew in each term': [
      [
        node('n1', '', { term: 1, vote: 'n2' }),
        granted('n1', 'n2', 1),
        node('n1', '', { term: 2, vote: 'n3' }),
        granted('n1', 'n3', 2),
      ],
      'nothing',
    ],
    'is repeated': [[granted('n1', 'n2', 1), granted('n1', 'n2', 1)], 'nothing'],
    'may be forgotten when nobody knew of it': [
      [node('n1', '', { term: 1, vote: 'n2' }), node('n1', '', { term: 1, vote: 'n3', life: 2 })],
      'nothing',
    ],
    changes: [
      [node('n1', '', { term: 1, vote: 'n2' }), node('n1', '', { term: 1, vote: 'n3' })],
      'one-vote-a-term | n1 n2 n3 | ',
    ],
    'is taken back': [
      [node('n1', '', { term: 1, vote: 'n2' }), node('n1', '', { term: 1 })],
      'one-vote-a-term | n1 n2  | ',
    ],
    'is sent to two': [[granted('n1', 'n2', 1), granted('n1', 'n3', 1)], 'one-vote-a-term | n1 n2 n3 | '],
    'is its own when it campaigns': [
      [campaigned('n1', 'n2', 1), granted('n1', 'n3', 1)],
      'one-vote-a-term | n1 n1 n3 | ',
    ],
    'is forgotten in a restart, although it was sent': [
      [node('n1', '', { term: 1, vote: 'n2' }), granted('n1', 'n2', 1), node('n1', '', { term: 1, life: 2 })],
      'one-vote-a-term | n1 n2  | ',
    ],
    'changes in a restart, although it was on disk': [
      [
        node('n1', '', { term: 1, vote: 'n2', durable: { term: 1, vote: 'n2' } }),
        node('n1', '', { term: 1, vote: 'n3', life: 2 }),
      ],
      'one-vote-a-term | n1 n2 n3 | ',
    ],
    'is given to another behind two restarts': [
      [
        granted('n1', 'n2', 1),
        node('n1', '', { term: 1, vote: 'n2' }),
        node('n1', '', { term: 1, vote: 'n2', life: 2 }),
        node('n1', '', { term: 2, vote: '', life: 3 }),
        granted('n1', 'n3', 1),
      ],
      'one-vote-a-term | n1 n2 n3 | ',
    ],
  },
  'configuration changes': {
    'one after the other': [
      [
        node('n1', '1A', lead),
        node('n1', '1A', { ...lead, ...committed(1) }),
        node('n1', '1A 1b 1C', { ...lead, ...committed(1) }),
      ],
      'nothing',
    ],
    'inherited, committed, not applied': [
      [
        node('n1', '1A', { ...lead, ...committed(1) }),
        node('n1', '1A 1B', { ...lead, ...committed(2) }),
        node('n2', '1A 1B 2c', lead),
      ],
      'nothing',
    ],
    'two at once': [
      [node('n1', '1A', lead), node('n1', '1A 1B', lead)],
      'one-configuration-change | n1 | 1 2',
    ],
    'the second before the first is applied': [
      [node('n1', '1A', { ...lead, commit: 1 }), node('n1', '1A 1B', { ...lead, commit: 1 })],
      'one-configuration-change | n1 | 1 2',
    ],
    'inherited and not applied, when the next one comes': [
      [
        node('n1', '1A', { ...lead, ...committed(1) }),
        node('n2', '1A 2b', { ...lead }),
        node('n2', '1A 2b 2C', { ...lead, commit: 2 }),
      ],
      'one-configuration-change | n2 | 1 3',
    ],
    'inherited and not committed, when the next one comes': [
      [node('n1', '1A', lead), node('n2', '1A 2b 2C', lead)],
      'one-configuration-change | n2 | 1 3',
    ],
  },
  'what was acknowledged': {
    stays: [
      [node('n1', '1a 1b'), acknowledged('n1', 'n2', 1, 2), node('n1', '1a 1b', { life: 2 })],
      'nothing',
    ],
    'may be replaced by a later leader': [
      [
        node('n1', '1a 1b'),
        acknowledged('n1', 'n2', 1, 2),
        node('n1', '1a', { term: 2 }),
        node('n1', '1a', { term: 2, life: 2 }),
      ],
      'nothing',
    ],
    'is lost in a restart': [
      [node('n1', '1a 1b'), acknowledged('n1', 'n2', 1, 2), node('n1', '1a', { life: 2 })],
      'acknowledged-stays | n1 | 2 1',
    ],
  },
};

describe.each(Object.entries(RUNS))('%s:', (_fact, runs) => {
  it.each(Object.entries(runs))('%s', (_claim, [run, expected]) => {
    expect(brokenBy(run)).toBe(expected);
  });
});

describe('an audit', () => {
  it('finds what changed behind the end of the log', () => {
    const facts = look([node('n1', '1a 1b 1c', committed(3)), node('n1', '1a 1x 1c', committed(3))]);
    expect(() => facts.audit([node('n1', '1a 1x 1c', committed(3))])).toThrow('log-matching');
    const clean = look([node('n1', '1a 1b 1c', committed(3))]);
    clean.audit([node('n1', '1a 1b 1c', committed(3))]);
    expect(clean.committedIndex).toBe(3);
  });
});

describe('work', () => {
  it('is small for a step that changes little, however long the log is', () => {
    const facts = new RaftFacts();
    const entries = Array.from({ length: 50_000 }, () => '1a');
    const long = node('n1', entries.join(' '), { ...lead, ...committed(50_000) });
    facts.stepped(long);
    let read = 0;
    const counted: NodeObservation = {
      ...long,
      log: {
        ...long.log,
        term: (at) => (read++, long.log.term(at)),
        entries: (from, to, maxBytes) => ((read += to - from), long.log.entries(from, to, maxBytes)),
      },
    };
    for (let step = 0; step < 1000; step++) facts.stepped(counted);
    expect(read).toBeLessThanOrEqual(3000);
  });
});
