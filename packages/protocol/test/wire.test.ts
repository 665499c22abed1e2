import { MalformedBytes } from '@decoraft/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONSISTENCIES,
  decodeEventRecords,
  decodeMember,
  decodeMembersImage,
  decodeMembersUpdate,
  decodeProposal,
  decodeQuery,
  decodeReply,
  decodeSessionPositions,
  decodeStampedProposal,
  DEFAULT_GROUP_LIMITS,
  encodeEventBody,
  encodeEventRecords,
  encodeMember,
  encodeMembersImage,
  encodeMembersUpdate,
  memberRecord,
  encodeProposal,
  encodeQuery,
  encodeReply,
  encodeSessionPositions,
  type EventRecord,
  type MachineId,
  type OperationId,
  type Proposal,
  type Reply,
  type SessionId,
  stampProposal,
  type SubscriptionId,
} from '../src/index.js';

const session = 7 as SessionId;
const subscription = 9 as SubscriptionId;
const machine = 0xffff_ffff as MachineId;
const operation = 2 as OperationId;
const origin = { session, sequence: 2 ** 40, acknowledged: 3 };
const args = Uint8Array.of(1, 2, 3);
const positions = [{ subscription, position: { index: 2 ** 50, ordinal: 4 } }];

const proposals: readonly Proposal[] = [
  { kind: 'command', origin, machine, operation, args },
  { kind: 'subscribe', origin, machine, operation, args },
  { kind: 'unsubscribe', origin, subscription },
  { kind: 'open-session', timeoutMs: 30_000 },
  { kind: 'open-session', timeoutMs: 30_000, isOrdered: true },
  { kind: 'close-session', session },
  { kind: 'expire-sessions', sessions: [session, 8 as SessionId] },
  { kind: 'acknowledge-events', session, positions },
  {
    kind: 'events-seen',
    places: [
      { position: { index: 2 ** 40, ordinal: 3 }, subscriptions: [subscription, 9 as SubscriptionId] },
      { position: { index: 1, ordinal: 0 }, subscriptions: [] },
    ],
  },
  { kind: 'state-check', nodes: ['a', 'b'] },
  { kind: 'advance-time' },
  { kind: 'agree-machines', onlyFirst: true, machines: [] },
  {
    kind: 'agree-machines',
    onlyFirst: false,
    machines: [
      { machine: 7 as MachineId, name: 'ledger', version: 2, table: '{"format":1}' },
      { machine: 9 as MachineId, name: 'größer', version: 1, table: 'Ω' },
    ],
  },
  { kind: 'state-hashes', node: 'a', index: 2 ** 50, hashes: [{ machine, hash: '0f'.repeat(16) }] },
  { kind: 'configure', onlyFirst: true, limits: {} },
  { kind: 'configure', onlyFirst: false, limits: { ...DEFAULT_GROUP_LIMITS, sessions: 0xffff_ffff } },
];

const replies: readonly Reply[] = [
  { cluster: 9, index: 5, term: 2, outcome: { kind: 'value', value: args } },
  {
    cluster: 9,
    index: 5,
    term: 2,
    leaderAddress: '[::1]:2100',
    outcome: { kind: 'value', value: new Uint8Array(0) },
  },
  {
    cluster: 9,
    index: 5,
    term: 2,
    outcome: { kind: 'error', code: 'CommandRejected', message: 'no', data: args },
  },
];

const records: readonly EventRecord[] = [
  { kind: 'event', subscription, position: { index: 4, ordinal: 1 }, value: args },
  { kind: 'ended', subscription, code: 'SubscriptionOverflow', message: 'too slow' },
];

describe('what is written is read back', () => {
  it.each(proposals)('a proposal: $kind', (proposal) => {
    expect(decodeProposal(encodeProposal(proposal))).toEqual(proposal);
  });

  it('a stamped proposal with its time', () => {
    const [proposal] = proposals;
    if (!proposal) throw new Error('no proposal');
    const data = stampProposal(1_234.5, encodeProposal(proposal));
    expect(decodeStampedProposal(data)).toEqual({ time: 1_234.5, proposal });
  });

  it.each(replies)('a reply', (reply) => {
    expect(decodeReply(encodeReply(reply))).toEqual(reply);
  });

  it('event records, positions and queries', () => {
    const outgoing = records.map((record) =>
      record.kind === 'event' ? { ...record, body: encodeEventBody(record.position, record.value) } : record,
    );
    expect(decodeEventRecords(encodeEventRecords(outgoing))).toEqual(records);
    expect(decodeEventRecords(encodeEventRecords([]))).toEqual([]);
    expect(decodeSessionPositions(encodeSessionPositions({ session, positions }))).toEqual({
      session,
      positions,
    });
    for (const consistency of CONSISTENCIES) {
      const query = { consistency, machine, operation, cluster: 2 ** 32 - 1, minIndex: 5, args } as const;
      expect(decodeQuery(encodeQuery(query))).toEqual(query);
    }
  });

  it('members, in one order whatever the order given', () => {
    const a = { id: 'a', address: 'h:1', disk: 7, promote: true, replaces: 'c' };
    const b = memberRecord({ id: 'b', address: 'h:2' });
    const update = { clusterId: 'orders', members: [a, b] };
    expect(encodeMembersUpdate({ clusterId: 'orders', members: [b, a] })).toEqual(
      encodeMembersUpdate(update),
    );
    expect(decodeMembersUpdate(encodeMembersUpdate(update))).toEqual(update);
    expect(decodeMembersUpdate(encodeMembersUpdate({ members: [b] }))).toEqual({ members: [b] });
    expect(decodeMember(encodeMember(a))).toEqual(a);
  });

  it('what a group remembers of its members', () => {
    const image = {
      clusterId: 'orders',
      members: [memberRecord({ id: 'a', address: 'h:1' })],
      retired: ['x', 'y'],
    };
    expect(decodeMembersImage(encodeMembersImage(image))).toEqual(image);
  });
});

describe('bytes that are not what they should be', () => {
  const decoders = {
    decodeProposal,
    decodeReply,
    decodeQuery,
    decodeSessionPositions,
    decodeEventRecords,
    decodeStampedProposal,
    decodeMember,
    decodeMembersImage,
    decodeMembersUpdate,
  };

  it.each(Object.entries(decoders))(
    '%s throws a coded error or gives a value, for any bytes',
    (_, decode) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toHaveProperty('code');
          }
        }),
        { numRuns: 500 },
      );
    },
  );

  it('a count that declares four billion positions ends at the bytes that are there', () => {
    const lie = encodeSessionPositions({ session, positions: [] });
    lie.fill(0xff, 8);
    expect(() => decodeSessionPositions(lie)).toThrow(MalformedBytes);
  });

  it('a log entry of a later format is refused by number', () => {
    expect(() => decodeStampedProposal(Uint8Array.of(9, 0))).toThrow('format 9');
  });
});
