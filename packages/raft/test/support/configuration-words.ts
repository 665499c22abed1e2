import { type Configuration, type ConfigurationChange, type NodeId, nodeId } from '../../src/index.js';

const PARTS = ['&', 'learners', 'next', 'auto-leave'] as const;

/** A configuration for the eye: `a b d & a b c learners e next c auto-leave`; behind `&` stands the outgoing half. */
export function configurationWords(configuration: Configuration): string {
  const { autoLeave, learners, learnersNext, voters, votersOutgoing } = configuration;
  const part = (name: string, ids: readonly NodeId[]): readonly string[] =>
    ids.length > 0 ? [name, ...ids] : [];
  return [
    ...voters,
    ...part('&', votersOutgoing),
    ...part('learners', learners),
    ...part('next', learnersNext),
    ...(autoLeave ? ['auto-leave'] : []),
  ].join(' ');
}

/** Reads what {@link configurationWords} wrote. */
export function configurationFrom(words: string): Configuration {
  const lists = new Map<string, NodeId[]>();
  let part = 'voters';
  for (const word of words.split(' ').filter(Boolean)) {
    if (PARTS.some((name) => name === word)) part = word;
    const ids = lists.get(part) ?? [];
    lists.set(part, part === word ? ids : [...ids, nodeId(word)]);
  }
  return {
    voters: lists.get('voters') ?? [],
    votersOutgoing: lists.get('&') ?? [],
    learners: lists.get('learners') ?? [],
    learnersNext: lists.get('next') ?? [],
    autoLeave: lists.has('auto-leave'),
  };
}

const KINDS = ['add-voter', 'add-learner', 'remove'] as const;
const TRANSITIONS = ['joint-implicit', 'joint-explicit'] as const;

/** `add-voter d remove a`, `joint-explicit add-learner b`, `leave`. */
export function changeFrom(words: string): ConfigurationChange {
  const [first = '', ...rest] = words.split(' ');
  const transition = TRANSITIONS.find((name) => name === first);
  const pairs = transition === undefined ? [first, ...rest] : rest;
  const context = new Uint8Array(0);
  if (words === 'leave') return { transition: 'auto', changes: [], context };
  const changes = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const kind = KINDS.find((name) => name === pairs[at]);
    if (kind === undefined) throw new Error(`there is no change ${pairs[at]}`);
    changes.push({ kind, id: nodeId(pairs[at + 1] ?? '') });
  }
  return { transition: transition ?? 'auto', changes, context };
}

/** Writes what {@link changeFrom} reads. */
export function changeWords({ changes, transition }: ConfigurationChange): string {
  if (changes.length === 0) return 'leave';
  const words = changes.map(({ id, kind }) => `${kind} ${id}`).join(' ');
  return transition === 'auto' ? words : `${transition} ${words}`;
}
