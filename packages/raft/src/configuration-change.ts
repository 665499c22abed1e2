import { CodedError, unreachable } from '@decoraft/base';
import type { Configuration } from './entry.js';
import { NOBODY, type NodeId } from './ids.js';

/** What one server becomes. Naming one that is it already changes nothing; so does removing a stranger. */
export interface SingleChange {
  /** A voter that becomes a learner is demoted; a learner that becomes a voter is promoted. */
  readonly kind: 'add-voter' | 'add-learner' | 'remove';
  readonly id: NodeId;
}

/** What an entry of kind `configuration` carries (etcd's ConfChangeV2). */
export interface ConfigurationChange {
  /**
   * - `auto`: in one step when one voter at most changes (thesis §4.1), else as `joint-implicit`.
   * - `joint-implicit`: through a joint configuration, which the leader leaves by itself (thesis §4.3).
   * - `joint-explicit`: likewise; it stays until a change without changes leaves it.
   */
  readonly transition: 'auto' | 'joint-implicit' | 'joint-explicit';
  /** In their order. Empty: leave the joint configuration. */
  readonly changes: readonly SingleChange[];
  /** The driver's own bytes, carried along. */
  readonly context: Uint8Array;
}

/** A configuration that is not joint. */
export function configurationOf(members: {
  readonly voters: readonly NodeId[];
  readonly learners?: readonly NodeId[];
}): Configuration {
  const { learners = [], voters } = members;
  return { voters, votersOutgoing: [], learners, learnersNext: [], autoLeave: false };
}

export function isJoint({ votersOutgoing }: Configuration): boolean {
  return votersOutgoing.length > 0;
}

/**
 * What a change makes of a configuration (etcd's confchange). Pure: every server that applies the same changes to the
 * same configuration arrives at the same one. Majorities of a configuration and of the one that follows it overlap.
 *
 * @throws CodedError `InvalidArgument`, naming why: the configuration is joint and the change does not leave it; it is
 *   not joint and the change leaves one; no voter would remain; there is no voter to be joint with; an id is empty.
 */
export function changeConfiguration(
  configuration: Configuration,
  { changes, transition }: ConfigurationChange,
): Configuration {
  if (changes.length === 0) return leaveJoint(configuration);
  if (isJoint(configuration)) {
    throw refused('the configuration is joint: it is left before it is changed again');
  }
  if (transition === 'auto') {
    const changed = applyChanges(configuration, changes);
    if (countDifferences(configuration.voters, changed.voters) <= 1) return changed;
  }
  return enterJoint(configuration, changes, transition !== 'joint-explicit');
}

/** Both halves decide from here on, until the old one is left (§6). */
function enterJoint(
  configuration: Configuration,
  changes: readonly SingleChange[],
  autoLeave: boolean,
): Configuration {
  const { voters } = configuration;
  if (voters.length === 0) throw refused('a configuration without voters cannot become joint');
  return { ...applyChanges({ ...configuration, votersOutgoing: voters }, changes), autoLeave };
}

function leaveJoint(configuration: Configuration): Configuration {
  if (!isJoint(configuration)) throw refused('the configuration is not joint: there is nothing to leave');
  const { learners, learnersNext, voters } = configuration;
  return configurationOf({ voters, learners: [...learners, ...learnersNext] });
}

function applyChanges(before: Configuration, changes: readonly SingleChange[]): Configuration {
  let configuration = before;
  for (const change of changes) configuration = applyChange(configuration, change);
  if (configuration.voters.length === 0) throw refused('the change removes all voters');
  return configuration;
}

function applyChange(configuration: Configuration, { id, kind }: SingleChange): Configuration {
  if (id === NOBODY) throw refused('the change names an empty id');
  switch (kind) {
    case 'add-voter':
      return makeVoter(configuration, id);
    case 'add-learner':
      return makeLearner(configuration, id);
    case 'remove':
      return remove(configuration, id);
    default:
      return unreachable(kind);
  }
}

function makeVoter(configuration: Configuration, id: NodeId): Configuration {
  if (configuration.voters.includes(id)) return configuration;
  const others = remove(configuration, id);
  return { ...others, voters: [...others.voters, id] };
}

function makeLearner(configuration: Configuration, id: NodeId): Configuration {
  if ([...configuration.learners, ...configuration.learnersNext].includes(id)) return configuration;
  const others = remove(configuration, id);
  // Who votes in the outgoing half cannot be a learner at the same time: it becomes one when that half is left.
  return others.votersOutgoing.includes(id)
    ? { ...others, learnersNext: [...others.learnersNext, id] }
    : { ...others, learners: [...others.learners, id] };
}

/** The outgoing half stays as it is: it decides until it is left. */
function remove(configuration: Configuration, id: NodeId): Configuration {
  const without = (ids: readonly NodeId[]): readonly NodeId[] => ids.filter((other) => other !== id);
  const { learners, learnersNext, voters } = configuration;
  return {
    ...configuration,
    voters: without(voters),
    learners: without(learners),
    learnersNext: without(learnersNext),
  };
}

function countDifferences(left: readonly NodeId[], right: readonly NodeId[]): number {
  return countOnlyIn(left, right) + countOnlyIn(right, left);
}

function countOnlyIn(ids: readonly NodeId[], others: readonly NodeId[]): number {
  return ids.filter((id) => !others.includes(id)).length;
}

function refused(why: string): CodedError {
  return new CodedError('InvalidArgument', why);
}
