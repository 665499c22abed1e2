import { HistoryRecorder } from '@decoraft/testing';
import { describe, expect, it } from 'vitest';
import {
  lessThanTokens,
  mustBeAppliedOnce,
  mustHappenOneAtATime,
  mustNotGoBack,
  outOfOrder,
  untrueAnswers,
} from './blackbox/checks/calls-check.js';
import { eventFaults } from './blackbox/checks/events-check.js';
import { longestSilence } from './blackbox/checks/report.js';
import { Truth } from './blackbox/checks/truth.js';
import type { Answer, Call, Level } from './blackbox/processes/calls.js';
import type { Change, Entry, Witness } from './blackbox/processes/journal.machine.js';

/** Client `w` adds 1 to `k` four times; command `n` stands at index `10 n` and makes version `n`. */
const VERSIONS = [1, 2, 3, 4] as const;
const entryAt = (version: number): Entry => ({ version, sum: version, text: '' });
const changeTo = (version: number): Change => ({
  ...entryAt(version),
  key: 'k',
  client: 'w',
  number: version,
  index: version * 10,
});

function truth(): Truth {
  const all = new Truth();
  for (const version of VERSIONS) all.heard(changeTo(version));
  return all;
}

/** A history that is written down step by step. */
class Story {
  readonly recorder = new HistoryRecorder<Call, Answer>(() => 0);

  get history() {
    return this.recorder.operations();
  }

  read(level: Level, version: number, entry: Entry = entryAt(version), least = 0): this {
    const answer = { ...entry, index: version * 10 };
    this.recorder.invoke('r', { kind: 'read', key: 'k', level, least }).returned(answer);
    return this;
  }

  increment(number: number, end: 'done' | 'unknown' | 'failed', version = number): this {
    const open = this.recorder.invoke('w', { kind: 'increment', key: 'k', amount: 1, number });
    if (end === 'done') open.returned({ ...entryAt(version), isDone: true, index: version * 10 });
    else open[end]('for the story');
    return this;
  }

  listen(): this {
    this.recorder.invoke('r', { kind: 'listen', subscription: 's', key: 'k' }).returned(null);
    return this;
  }

  hear(...versions: readonly number[]): this {
    for (const version of versions) {
      this.recorder
        .invoke('r', { kind: 'heard', subscription: 's', change: changeTo(version) })
        .returned(null);
    }
    return this;
  }

  stop(): this {
    this.recorder.invoke('r', { kind: 'stop', subscription: 's' }).returned(null);
    return this;
  }

  end(): this {
    this.recorder.invoke('r', { kind: 'ended', subscription: 's', code: 'SessionExpired' }).returned(null);
    return this;
  }
}

const story = (): Story => new Story();

describe('a subscription', () => {
  it.each([
    ['from its begin to the end', story().read('session', 1).listen().hear(2, 3, 4)],
    [
      'that began later than it was asked for',
      story().read('session', 1).listen().read('session', 2).hear(3, 4),
    ],
    ['that began when nobody can tell', story().listen().hear(4)],
    ['that was stopped in the middle', story().listen().hear(1, 2).stop()],
    ['that the cluster ended', story().listen().hear(1, 2).end()],
  ])('%s is as it should be', (_, { history }) => {
    expect(eventFaults(history, truth())).toEqual([]);
  });

  it.each([
    ['missed', story().listen().hear(1, 3, 4)],
    ['twice', story().listen().hear(1, 2, 2, 3, 4)],
    ['missed', story().listen().hear(1, 3, 2, 4)],
    ['never got', story().listen().hear(1, 2, 3)],
    ['never got', story().listen().read('session', 2)],
    ['missed', story().listen().read('session', 2).hear(4)],
    ['was there before', story().read('session', 2).listen().hear(2, 3, 4)],
    ['after it was stopped', story().listen().hear(1).stop().hear(2)],
  ])('is told of that %s something', (words, { history }) => {
    expect(eventFaults(history, truth()).join('\n')).toContain(words);
  });

  it('without proxies misses nothing, or it is told', () => {
    const holey = new Truth();
    for (const version of [1, 3]) holey.heard(changeTo(version));
    expect(holey.gaps).toEqual(['the unhindered subscriber of k heard of 3 after 1']);
  });
});

describe('reads', () => {
  it('of a client do not go back, but for local ones', () => {
    expect(() =>
      mustNotGoBack(story().read('session', 2).read('local', 1).read('session', 2).history),
    ).not.toThrow();
    expect(() => mustNotGoBack(story().read('session', 2).read('session', 1).history)).toThrow(
      'session-order',
    );
  });

  it('show what its client heard of; what it hears may be old', () => {
    expect(() => mustNotGoBack(story().hear(2).read('session', 1).history)).toThrow('session-order');
    expect(() => mustNotGoBack(story().read('session', 2).hear(1).history)).not.toThrow();
  });

  it('show what another one has seen, whose token they have', () => {
    const read = (version: number): readonly string[] =>
      lessThanTokens(story().read('session', version, entryAt(version), 20).history);
    expect(read(2)).toEqual([]);
    expect(read(1)).toHaveLength(1);
  });

  it('show what once was there, also local ones', () => {
    expect(untrueAnswers(story().read('local', 0).read('local', 3).history, truth())).toEqual([]);
    const wrong = { version: 3, sum: 4, text: '' };
    expect(untrueAnswers(story().read('local', 3, wrong).history, truth())).toHaveLength(1);
  });
});

describe('commands', () => {
  const witness: Witness = { client: 'w', last: 4, skipped: [3], twice: [], late: [] };
  const issued = (third: 'unknown' | 'failed' | 'done'): Story =>
    story().increment(1, 'done').increment(2, 'unknown').increment(3, third).increment(4, 'done');

  it.each([
    ['was applied or not where nobody can tell', issued('unknown'), witness],
    ['was not applied where it failed', issued('failed'), witness],
  ])('one of them %s', (_, { history }, seen) => {
    expect(() => mustBeAppliedOnce(history, [seen])).not.toThrow();
  });

  it.each([
    ['had no effect', issued('done'), witness],
    ['again', issued('failed'), { ...witness, twice: [2] }],
    ['reported as not applied', issued('failed'), { ...witness, skipped: [] }],
    ['nobody sent it', issued('unknown'), { ...witness, last: 5 }],
  ])('it is told when one of them %s', (words, { history }, seen) => {
    expect(() => mustBeAppliedOnce(history, [seen])).toThrow(words);
  });

  it('are applied in order, or it is told', () => {
    expect(outOfOrder([witness])).toEqual([]);
    expect(outOfOrder([{ ...witness, late: [2] }])).toHaveLength(1);
  });

  it('and linearizable reads have an order; one of unknown end takes its place in it', () => {
    const good = story()
      .increment(1, 'done')
      .increment(2, 'unknown')
      .read('linearizable', 2)
      .increment(3, 'done');
    expect(() => mustHappenOneAtATime(good.history, truth())).not.toThrow();
    const bad = story().increment(1, 'done').increment(2, 'done').read('linearizable', 1);
    expect(() => mustHappenOneAtATime(bad.history, truth())).toThrow('linearizab');
  });
});

it('the longest time without an answered command is found, at the ends as well', () => {
  let atMs = 0;
  const recorder = new HistoryRecorder<Call, Answer>(() => atMs);
  for (atMs of [10, 20, 70, 80]) {
    const open = recorder.invoke('w', { kind: 'increment', key: 'k', amount: 1, number: 1 });
    open.returned({ ...entryAt(1), isDone: true, index: 1 });
  }
  expect(longestSilence(recorder.operations(), 0, 90)).toEqual({ forMs: 50, sinceMs: 20 });
  expect(longestSilence(recorder.operations(), 0, 190)).toEqual({ forMs: 110, sinceMs: 80 });
});
