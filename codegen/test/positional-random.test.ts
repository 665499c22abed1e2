import { seededRandom } from '@decoraft/base';
import { travelsByPosition } from '@decoraft/protocol';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomOperation } from '../../packages/protocol/test/support/random-values.js';
import { runEmitted } from './positional.js';
import { expectAlike } from './positional-checks.js';
import { committedCodecs } from './positional-fixtures.js';

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('emitted encoders and decoders do as the reference does', () => {
  test('for values of random types, for values that do not fit, and for bytes that nobody wrote', () => {
    let fitting = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const one = randomOperation(random);
        const [emitted] = runEmitted([one]);
        expect(emitted !== undefined).toBe(travelsByPosition(one.operation, one.types));
        if (emitted) fitting += expectAlike(random, one, emitted, 8);
      }),
      { numRuns: 400 },
    );
    expect(fitting).toBeGreaterThan(1_000);
  });

  test('for values of the types of all fixtures, by what stands beside them', () => {
    const codecs = committedCodecs();
    let fitting = 0;
    fc.assert(
      fc.property(seeds, fc.nat(codecs.length - 1), (seed, at) => {
        const { emitted, one } = codecs.at(at)!;
        fitting += expectAlike(seededRandom(seed), one, emitted, 8);
      }),
      { numRuns: 4 * codecs.length },
    );
    expect(codecs.length).toBeGreaterThan(120);
    expect(fitting).toBeGreaterThan(8 * codecs.length);
  });
});
