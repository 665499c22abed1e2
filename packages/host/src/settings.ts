import { DecoraftError } from '@decoraft/protocol';
import { DEFAULT_SETTINGS, type HostSettings } from './ports.js';

/** The least of those numbers that may be smaller than one. */
const LEAST: Partial<Record<keyof HostSettings, number>> = {
  maxBehindMs: 0,
  promotionLagEntries: 0,
  snapshotTailEntries: 0,
  stateCheckEntries: 0,
};

/** Milliseconds may have fractions; all else is counted. */
const FRACTIONAL: ReadonlySet<string> = new Set<keyof HostSettings>(['maxBehindMs', 'tickMs']);

const ON_DIVERGENCE: readonly unknown[] = [
  'report',
  'stop-minority',
] satisfies readonly HostSettings['onDivergence'][];

/**
 * The defaults with what is given.
 *
 * @throws DecoraftError `InvalidArgument`, naming the setting, for one that there is not and for a value that cannot be.
 */
export function resolveSettings(given: Partial<HostSettings> = {}): HostSettings {
  const settings: HostSettings = { ...DEFAULT_SETTINGS };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!isName(name)) {
      const names = Object.keys(DEFAULT_SETTINGS).join(', ');
      throw new DecoraftError('InvalidArgument', `there is no setting ${name}; there are ${names}`);
    }
    checkValue(name, value);
    Object.assign(settings, { [name]: value });
  }
  const { electionTicks, heartbeatTicks } = settings;
  if (electionTicks <= heartbeatTicks)
    throw impossible('electionTicks', `above heartbeatTicks, ${heartbeatTicks}`, electionTicks);
  return settings;
}

function isName(name: string): name is keyof HostSettings {
  return Object.hasOwn(DEFAULT_SETTINGS, name);
}

function checkValue(name: keyof HostSettings, value: unknown): void {
  const byDefault = DEFAULT_SETTINGS[name];
  if (name === 'onDivergence') {
    if (!ON_DIVERGENCE.includes(value)) throw impossible(name, `one of ${ON_DIVERGENCE.join(', ')}`, value);
  } else if (typeof byDefault === 'number') {
    const least = LEAST[name] ?? (FRACTIONAL.has(name) ? Number.MIN_VALUE : 1);
    const isWhole = FRACTIONAL.has(name) ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (typeof value === 'number' && isWhole && value >= least) return;
    const what = FRACTIONAL.has(name) ? 'a number' : 'an integer';
    throw impossible(
      name,
      least === Number.MIN_VALUE ? `${what} above 0` : `${what} of at least ${least}`,
      value,
    );
  } else if (typeof value !== typeof byDefault) {
    throw impossible(name, `a ${typeof byDefault}`, value);
  }
}

function impossible(name: keyof HostSettings, what: string, value: unknown): DecoraftError {
  return new DecoraftError('InvalidArgument', `the setting ${name} must be ${what}, not ${String(value)}`);
}
