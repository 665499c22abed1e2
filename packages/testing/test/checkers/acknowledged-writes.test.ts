import { describe, expect, it } from 'vitest';
import { AcknowledgedWrites, type CommittedPart } from '../../src/index.js';
import { drawnNode } from './support/drawn-node.js';

function part(log: string, commit: number): CommittedPart {
  return { node: 'n1', commit, log: drawnNode('n1', log).log };
}

function twoWrites(): AcknowledgedWrites {
  const writes = new AcknowledgedWrites();
  writes.acknowledged({ client: 'A', id: 'a', index: 2, term: 1 });
  writes.acknowledged({ client: 'B', id: 'b', index: 3, term: 2 });
  return writes;
}

describe('acknowledged writes', () => {
  it.each([
    ['are there', '1a 1b 2c', 3, true],
    ['may come later', '1a 1b', 2, false],
    ['may not be committed here, and another entry stands there', '1a 1b 1x', 2, false],
    ['are below the snapshot', '2@3 2d', 4, true],
  ] as const)('%s', (_claim, log, commit, settled) => {
    expect(() => twoWrites().mustBeOn(part(log, commit), settled)).not.toThrow();
  });

  it.each([
    ['replaced', '1a 1b 3x', 3, false, 'b of B was acknowledged as entry 3 of term 2; n1 has one of term 3'],
    [
      'missing at the end',
      '1a 1b',
      2,
      true,
      'b of B was acknowledged as entry 3 of term 2; n1 has committed 2 entries',
    ],
    [
      'not committed at the end',
      '1a 1b 2c',
      2,
      true,
      'b of B was acknowledged as entry 3 of term 2; n1 has committed 2 entries',
    ],
  ] as const)('are found when %s', (_claim, log, commit, settled, finding) => {
    expect(() => twoWrites().mustBeOn(part(log, commit), settled)).toThrow(
      `FactBroken: acknowledged-writes: ${finding}`,
    );
  });

  it('share no place, but for retries of one', () => {
    const writes = twoWrites();
    writes.acknowledged({ client: 'A', id: 'a', index: 2, term: 1 });
    expect(() => writes.acknowledged({ client: 'C', id: 'c', index: 2, term: 1 })).toThrow(
      'entry 2 was given to A as a in term 1, and to C as c in term 1',
    );
  });
});
