import { type Index, type Message, nodeId, type Term } from '@decoraft/raft';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../src/index.js';

const envelope = { from: nodeId('a'), to: nodeId('b'), term: 7 as Term };
const at = (value: number): Index => value as Index;
const term = 3 as Term;
const entries = [
  { term, index: at(6), kind: 'normal', data: Uint8Array.of(1, 2) },
  { term, index: at(7), kind: 'configuration', data: new Uint8Array(0) },
] as const;

const messages: readonly Message[] = [
  { ...envelope, kind: 'vote-request', lastIndex: at(5), lastTerm: term, transfer: true, priority: 9 },
  { ...envelope, kind: 'vote-response', granted: false, commit: at(7), commitTerm: term },
  { ...envelope, kind: 'pre-vote-request', lastIndex: at(5), lastTerm: term, priority: 255 },
  { ...envelope, kind: 'pre-vote-response', granted: true, commit: at(0), commitTerm: term },
  { ...envelope, kind: 'append-request', previousIndex: at(5), previousTerm: term, entries, commit: at(4) },
  { ...envelope, kind: 'append-response', rejected: false, matchIndex: at(2 ** 40) },
  {
    ...envelope,
    kind: 'append-response',
    rejected: true,
    rejectedIndex: at(9),
    hintIndex: at(4),
    hintTerm: term,
  },
  { ...envelope, kind: 'heartbeat', commit: at(4), readSequence: 12 },
  { ...envelope, kind: 'heartbeat-response', readSequence: 12 },
  { ...envelope, kind: 'read-index-request', context: 99, proof: 'round' },
  { ...envelope, kind: 'read-index-request', context: 99, proof: 'lease' },
  { ...envelope, kind: 'read-index-response', context: 99, index: at(8) },
  {
    ...envelope,
    kind: 'install-snapshot-request',
    snapshot: {
      index: at(900),
      term,
      configuration: {
        voters: [nodeId('a'), nodeId('b')],
        votersOutgoing: [nodeId('a'), nodeId('c')],
        learners: [nodeId('d')],
        learnersNext: [nodeId('c')],
        autoLeave: true,
      },
    },
  },
  { ...envelope, kind: 'timeout-now' },
  { ...envelope, kind: 'transfer-request', transferee: nodeId('c') },
  {
    ...envelope,
    kind: 'propose-request',
    entries: [
      { kind: 'normal', data: Uint8Array.of(1) },
      { kind: 'configuration', data: Uint8Array.of(2) },
    ],
  },
];

describe('a Raft message on the wire', () => {
  it.each(messages)('$kind is read as it was written', (message) => {
    const cluster = 0xdead_beef;
    const addressed = { cluster, disk: 0xfeed_beef, reachedAt: 'host-a:1', message };
    expect(decodeMessage(encodeMessage(addressed))).toEqual(addressed);
  });

  it('cut off anywhere, or with bytes behind it, is refused', () => {
    for (const message of messages) {
      const whole = encodeMessage({ cluster: 1, disk: 7, reachedAt: 'h:1', message });
      for (let length = 0; length < whole.length; length++) {
        expect(() => decodeMessage(whole.slice(0, length))).toThrow('InvalidArgument');
      }
      expect(() => decodeMessage(Uint8Array.of(...whole, 0))).toThrow('too many');
    }
  });

  it('of another version is refused by number', () => {
    expect(() => decodeMessage(Uint8Array.of(1, 0, 0, 0, 0))).toThrow('version 1 is not 2');
  });

  it('of any bytes is a message or a coded error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = 2;
        try {
          decodeMessage(bytes);
        } catch (error) {
          expect(error).toHaveProperty('code', 'InvalidArgument');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
