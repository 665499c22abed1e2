import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type HostSettings } from '../src/ports.js';
import { resolveSettings } from '../src/settings.js';

const NUMBERS = Object.entries(DEFAULT_SETTINGS).flatMap(([name, value]) =>
  typeof value === 'number' ? [name] : [],
);

describe('settings', () => {
  it('are the defaults with what was given', () => {
    expect(resolveSettings()).toEqual(DEFAULT_SETTINGS);
    expect(resolveSettings({ tickMs: 0.5, leaseReads: true })).toEqual({
      ...DEFAULT_SETTINGS,
      tickMs: 0.5,
      leaseReads: true,
    });
  });

  it.each(NUMBERS)('refuse numbers that cannot be for %s, and name it', (name) => {
    for (const value of [NaN, -1, Infinity, '5', null, {}]) {
      expect(() => resolveSettings({ [name]: value })).toThrow(
        `InvalidArgument: the setting ${name} must be`,
      );
    }
  });

  it.each<[keyof HostSettings, unknown, string]>([
    ['maxPendingProposals', 0, 'an integer of at least 1, not 0'],
    ['maxClientProposalBytes', 1.5, 'an integer of at least 1, not 1.5'],
    ['tickMs', 0, 'a number above 0, not 0'],
    ['leaseReads', 'yes', 'a boolean, not yes'],
    ['onDivergence', 'ignore', 'one of report, stop-minority, not ignore'],
    ['electionTicks', 2, 'above heartbeatTicks, 2, not 2'],
  ])('refuse %s = %s', (name, value, words) => {
    expect(() => resolveSettings({ [name]: value })).toThrow(`the setting ${name} must be ${words}`);
  });

  it('refuse a name that is none', () => {
    expect(() => resolveSettings({ maxProposals: 5 } as Partial<HostSettings>)).toThrow(
      'there is no setting maxProposals; there are tickMs',
    );
  });
});
