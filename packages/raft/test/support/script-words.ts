import {
  encodeConfigurationChange,
  type Entry,
  type HardState,
  index,
  type Message,
  nodeId,
  NOBODY,
  term,
} from '../../src/index.js';
import type { ClusterOptions } from './cluster.js';
import { changeFrom, configurationFrom } from './configuration-words.js';
import type { Disk, Snapshot } from './memory-log.js';
import { bytes } from './words.js';

/** `a b c learners d spares e`. */
export function castOf(
  words: readonly string[],
): Record<'voters' | 'learners' | 'spares', readonly string[]> {
  const names = words.filter((word) => !word.includes('='));
  const cast = { voters: [''].slice(1), learners: [''].slice(1), spares: [''].slice(1) };
  let part = cast.voters;
  for (const name of names) {
    if (name === 'learners' || name === 'spares') part = cast[name];
    else part.push(name);
  }
  return cast;
}

/** `electionTicks=5 preVote=off readOnlyOption=lease`; words without `=` are not meant. */
export function optionsOf(words: readonly string[]): ClusterOptions {
  return Object.fromEntries(
    [...valuesOf(words)].map(([name, value]) => [name, optionOf(value)]),
  ) as ClusterOptions;
}

function optionOf(value: string): boolean | number | string {
  if (value === 'on' || value === 'off') return value === 'on';
  return /^\d+$/.test(value) ? Number(value) : value;
}

function valuesOf(words: readonly string[]): Map<string, string> {
  const pairs = words.filter((word) => word.includes('=')).map((word) => word.split('='));
  return new Map(pairs.map(([name = '', value = '']): [string, string] => [name, value]));
}

/** What a disk holds: by default nothing. */
export function diskOf(words: readonly string[]): Disk {
  const values = valuesOf(words);
  const snapshot = snapshotOf(values);
  const compacted = { index: snapshot?.index ?? 0, term: snapshot?.term ?? 0 };
  const log = (values.get('log') ?? '').split(',').filter((word) => word !== '');
  const entries = log.map((word, at) => entryOf(word, compacted.index + at + 1));
  const vote = values.get('vote');
  const hardState: HardState = {
    term: term(Number(values.get('term') ?? entries.at(-1)?.term ?? compacted.term)),
    vote: vote === undefined ? NOBODY : nodeId(vote),
    commit: index(Number(values.get('commit') ?? compacted.index)),
  };
  return { compacted, entries, hardState, ...(snapshot && { snapshot }) };
}

function snapshotOf(values: ReadonlyMap<string, string>): Snapshot | undefined {
  const place = values.get('snapshot');
  if (place === undefined) return undefined;
  const [at = '', inTerm = ''] = place.split('/');
  const configuration = configurationFrom((values.get('members') ?? '').replaceAll(',', ' '));
  const data = bytes(String(Number(at)));
  return { index: index(Number(at)), term: term(Number(inTerm)), configuration, data };
}

/** `2`, an entry of term 2; `2{add-voter.d}`, a change in term 2. */
function entryOf(word: string, at: number): Entry {
  const [inTerm = '', change] = word.replace('}', '').split('{');
  const place = { term: term(Number(inTerm)), index: index(at) };
  if (change === undefined) return { ...place, kind: 'normal', data: bytes(`${at}@${inTerm}`) };
  const data = encodeConfigurationChange(changeFrom(change.replaceAll('.', ' ')));
  return { ...place, kind: 'configuration', data };
}

/** `a->b heartbeat 1`: from whom, to whom, of which kind; the number is not meant here. */
export function matcherOf(words: readonly string[]): (message: Message) => boolean {
  const arrow = words.find((word) => word.includes('->')) ?? '->';
  const kind = words.find((word) => !word.includes('->') && !/^\d+$/.test(word));
  const [from, receiver] = arrow.split('->');
  return (message) =>
    (!from || message.from === from) &&
    (!receiver || message.to === receiver) &&
    (kind === undefined || message.kind === kind);
}
