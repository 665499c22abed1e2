import { DecoraftError } from '@decoraft/protocol';
import { isSegmentBytes, SEGMENT_BYTES } from './group-description.js';
import type { NodeOptions } from './start-node.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction: Check = (value) => typeof value === 'function';
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isRecordOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.entries(value as object).every(([name, one]) => name !== '' && check(one));

interface Rule {
  readonly isRequired?: true;
  readonly check: Check;
  /** What it is to be, in words. */
  readonly words: string;
}

/** Those options that have a check of their own where they are used are only looked at roughly. */
const RULES: { readonly [Option in keyof Required<NodeOptions>]: Rule } = {
  id: { isRequired: true, check: isText, words: 'a text that is not empty' },
  dataDir: { isRequired: true, check: isText, words: 'the path of a directory' },
  peers: { isRequired: true, check: isRecordOf(isText), words: 'an object of addresses by id' },
  machines: { isRequired: true, check: isRecordOf(isNamedThing), words: 'an object of machines by name' },
  membership: { check: (value) => typeof value === 'boolean', words: 'true or false' },
  groups: { check: isRecordOf(isObject), words: 'an object of groups by name, each with its machines' },
  services: { check: isRecordOf(isObject), words: 'an object of services by name' },
  health: { check: (value) => typeof value === 'boolean', words: 'true or false' },
  reflection: { check: (value) => typeof value === 'boolean', words: 'true or false' },
  join: {
    check: (value) => isListOf(isText)(value) || isJoinOptions(value),
    words: 'a list of addresses, or an object with seeds',
  },
  listen: { check: isText, words: 'an address' },
  insecure: { check: (value) => typeof value === 'boolean', words: 'true or false' },
  origins: { check: Array.isArray, words: 'a list of origins' },
  interceptors: { check: isListOf(isFunction), words: 'a list of functions' },
  settings: { check: isObject, words: 'an object' },
  limits: { check: isObject, words: 'an object' },
  groupLimits: { check: isObject, words: 'an object' },
  priority: { check: (value) => typeof value === 'number', words: 'a number' },
  segmentBytes: { check: isSegmentBytes, words: SEGMENT_BYTES },
  logger: {
    check: (value) => isObject(value) && isFunction((value as { log?: unknown }).log),
    words: 'an object with a function log',
  },
  onFatal: { check: isFunction, words: 'a function' },
};

/**
 * For callers whose types were bypassed, and for words that were spelt wrongly: no option is passed over in silence.
 *
 * @throws DecoraftError `InvalidArgument` that names the option.
 */
export function checkNodeOptions(options: NodeOptions): void {
  if (!isObject(options)) throw new DecoraftError('InvalidArgument', 'the options of a node are no object');
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(RULES, name)) continue;
    const words = `a node has no option ${name}; it has ${Object.keys(RULES).join(', ')}`;
    throw new DecoraftError('InvalidArgument', words);
  }
  for (const [name, { check, isRequired, words }] of Object.entries<Rule>(RULES)) {
    const value: unknown = options[name as keyof NodeOptions];
    if (value === undefined ? isRequired : !check(value)) {
      throw new DecoraftError('InvalidArgument', `the option ${name} of a node must be ${words}`);
    }
  }
}

/** A machine, or a class that was given in its place, which its registration has better words for. */
function isNamedThing(value: unknown): boolean {
  return isObject(value) || isFunction(value);
}

function isJoinOptions(value: unknown): boolean {
  return isObject(value) && isListOf(isText)((value as { seeds?: unknown }).seeds);
}
