import { CodedError, seededRandom } from '@decoraft/base';
import type { Index, NodeId, Term } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import {
  decodeGroupMessages,
  decodeQuietAnswer,
  decodeQuietBeat,
  encodeGroupMessages,
  encodeQuietAnswer,
  encodeQuietBeat,
} from '../src/quiet-wire.js';

const at = { leader: 'a' as NodeId, term: 7 as Term, lastIndex: (2 ** 40) as Index };
const entry = { service: 1, cluster: 2, disk: 0xffff_ffff, to: 'b' as NodeId, at };
const beat = { incarnation: 2 ** 52, reachedAt: 'host-a:1', to: 'host-b:1', version: 3 };
const answer = { incarnation: 5, to: 'host-b:1', version: 3, refused: [1, 0xffff_ffff] };
const messages = [
  { service: 1, payload: new Uint8Array([1, 2, 3]) },
  { service: 0xffff_ffff, payload: new Uint8Array(0) },
];

describe('what servers say of several groups', () => {
  it('arrives as it was said', () => {
    expect(decodeQuietBeat(encodeQuietBeat(beat))).toEqual(beat);
    expect(decodeQuietBeat(encodeQuietBeat({ ...beat, entries: [] }))).toEqual({ ...beat, entries: [] });
    const withEntries = { ...beat, entries: [entry, { ...entry, service: 9 }] };
    expect(decodeQuietBeat(encodeQuietBeat(withEntries))).toEqual(withEntries);
    expect(decodeQuietAnswer(encodeQuietAnswer(answer))).toEqual(answer);
    expect(decodeGroupMessages(encodeGroupMessages(messages))).toEqual(messages);
  });

  it.each([
    ['beat', encodeQuietBeat({ ...beat, entries: [entry, entry] }), decodeQuietBeat],
    ['answer', encodeQuietAnswer(answer), decodeQuietAnswer],
    ['messages', encodeGroupMessages(messages), decodeGroupMessages],
  ])('is refused where a %s is cut, longer, of another version or garbage', (_, bytes, decode) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decode(bytes.slice(0, length))).toThrow(CodedError);
    }
    expect(() => decode(new Uint8Array([...bytes, 0]))).toThrow(CodedError);
    expect(() => decode(new Uint8Array([2, ...bytes.slice(1)]))).toThrow(/version 2/);
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round++) {
      const damaged = bytes.slice();
      for (let count = 0; count < 3; count++) {
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      try {
        decode(damaged);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(CodedError);
      }
    }
  });
});
