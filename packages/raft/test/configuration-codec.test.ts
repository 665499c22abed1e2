import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConfigurationChange,
  decodeConfigurationChange,
  encodeConfigurationChange,
  nodeId,
} from '../src/index.js';

const anyChange: fc.Arbitrary<ConfigurationChange> = fc.record({
  transition: fc.constantFrom('auto' as const, 'joint-implicit' as const, 'joint-explicit' as const),
  changes: fc.array(
    fc.record({
      kind: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const),
      id: fc.string({ unit: 'grapheme' }).map(nodeId),
    }),
  ),
  context: fc.uint8Array(),
});

const example: ConfigurationChange = {
  transition: 'joint-explicit',
  changes: [
    { kind: 'add-voter', id: nodeId('d') },
    { kind: 'remove', id: nodeId('né') },
  ],
  context: Uint8Array.of(7, 8),
};

function codeOf(data: Uint8Array): string {
  try {
    decodeConfigurationChange(data);
    return 'read';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('the bytes of a configuration change', () => {
  test('are those that are on disks', () => {
    const header = [2, 2, 2, 0, 0, 0];
    const addVoterD = [0, 1, 0, 0, 0, 0x64];
    const removeNe = [2, 3, 0, 0, 0, 0x6e, 0xc3, 0xa9];
    const context = [2, 0, 0, 0, 7, 8];
    const bytes = [...header, ...addVoterD, ...removeNe, ...context];
    expect([...encodeConfigurationChange(example)]).toEqual(bytes);
  });

  test('give back what was written', () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        expect(decodeConfigurationChange(encodeConfigurationChange(change))).toEqual(change);
      }),
    );
  });

  test('are refused when cut off anywhere, and when more follows', () => {
    const whole = encodeConfigurationChange(example);
    for (let length = 0; length < whole.length; length++) {
      expect(codeOf(whole.subarray(0, length))).toBe('Corrupted');
    }
    expect(codeOf(Uint8Array.of(...whole, 0))).toBe('Corrupted');
  });

  test.each([
    ['an earlier version, which held a list of members', [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['no version', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a transition that does not exist', [2, 3, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a change that does not exist', [2, 0, 1, 0, 0, 0, 3, 1, 0, 0, 0, 0x61, 0, 0, 0, 0]],
    ['an id that is not text', [2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0, 0]],
    ['four billion changes', [2, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]],
    ['an id of four billion bytes', [2, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['a context of four billion bytes', [2, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]],
    ['a later version', [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('with %s are refused', (_what, bytes) => {
    expect(codeOf(Uint8Array.from(bytes))).toBe('Corrupted');
  });

  test('of anybody are read or refused as corrupted, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(['read', 'Corrupted']).toContain(codeOf(bytes));
      }),
    );
  });

  test('damaged in one place are read or refused as corrupted, nothing else', () => {
    fc.assert(
      fc.property(anyChange, fc.nat(), fc.nat(255), (change, at, value) => {
        const bytes = encodeConfigurationChange(change).slice();
        bytes[at % bytes.length] = value;
        expect(['read', 'Corrupted']).toContain(codeOf(bytes));
      }),
    );
  });
});
