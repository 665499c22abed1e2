import type { SubscriptionId } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Replica } from '../src/index.js';
import { subscriptionKey } from '../src/subscriptions.js';
import { Alarm, AlarmLog, alarmReplica, valueOf } from './alarm.js';
import { call, jsonCodec } from './fixtures.js';

let log: AlarmLog;

const keyOfAny = (): string => {
  const { machine, operation } = call('alarm', 'onRung');
  return subscriptionKey(machine, operation, ['any']);
};

beforeEach(() => {
  log = new AlarmLog();
});

describe('a timer', () => {
  it('fires at the first entry whose time has come to it, whatever that entry is, and never again', () => {
    log.command('setFor', 100, 'a');
    log.pass(1_099);
    expect(log.names()).toEqual([]);
    log.at(1_100).append({ kind: 'expire-sessions', sessions: [] });
    expect(log.names()).toEqual(['a']);
    log.pass(9_000);
    expect(log.names()).toEqual(['a']);
  });

  it('fires before the entry is executed: a command never meets what has expired', () => {
    log.command('setFor', 100, 'timer');
    log.at(1_500).command('ring', 'command');
    expect(log.names()).toEqual(['timer', 'command']);
  });

  it('runs at the place, the term and the time of the entry, and for no session', () => {
    log.command('setFor', 100, 'a');
    const { index } = log.pass(5_000);
    expect(log.rung()).toMatchObject([{ index, term: 3, time: 5_000, isTimer: true }]);
  });

  it('has a chance of its own, that is neither the one of the entry nor of another timer', () => {
    log.command('setFor', 1, 'a');
    log.command('setFor', 1, 'b');
    log.at(5_000).command('ring', 'c');
    expect(new Set(log.rung().map(({ chance }) => chance)).size).toBe(3);
  });

  it('of an earlier due time fires first; of the same, the one that was scheduled first', () => {
    log.command('setFor', 200, 'later');
    log.command('setFor', 100, 'first');
    log.command('setFor', 100, 'second');
    log.pass(9_000);
    expect(log.names()).toEqual(['first', 'second', 'later']);
  });

  it('that is set by one that fires waits for the next entry, even with no delay at all', () => {
    log.command('again', 3, 0);
    expect(log.names()).toEqual(['again 3']);
    log.pass(1_000);
    expect(log.names()).toEqual(['again 3', 'again 2']);
    log.pass(1_000);
    log.pass(1_000);
    expect(log.names()).toEqual(['again 3', 'again 2', 'again 1']);
  });

  it('gets a copy of its arguments, made when it was scheduled', () => {
    log.command('setAll', 10, ['a', 'b']);
    log.pass(2_000);
    expect(log.names()).toEqual(['a', 'b']);
  });

  it('has an id that is data, and is never given twice', () => {
    expect(valueOf(log.command('setFor', 1, 'a').outcome)).toBe(1);
    log.pass(2_000);
    expect(valueOf(log.command('setFor', 1, 'b').outcome)).toBe(2);
  });

  it('fires late rather than never when the time of the entries goes back', () => {
    log.at(5_000).command('setFor', 100, 'a');
    log.pass(1_000);
    log.pass(5_099);
    expect(log.names()).toEqual([]);
    log.pass(5_100);
    expect(log.names()).toEqual(['a']);
  });
});

describe('cancel', () => {
  it('says whether it was waiting, and then it does not fire', () => {
    const timer = valueOf(log.command('setFor', 100, 'a').outcome);
    expect(valueOf(log.command('unset', timer).outcome)).toBe(true);
    expect(valueOf(log.command('unset', timer).outcome)).toBe(false);
    expect(valueOf(log.command('unset', 77).outcome)).toBe(false);
    log.pass(9_000);
    expect(log.names()).toEqual([]);
  });

  it('of one that has fired is false', () => {
    const timer = valueOf(log.command('setFor', 100, 'a').outcome);
    expect(valueOf(log.at(1_100).command('unset', timer).outcome)).toBe(false);
  });

  it('reaches a timer that is due at the same entry and has not had its turn', () => {
    log.command('setAny', 100, 'hush', [2]);
    log.command('setFor', 100, 'never');
    log.command('setFor', 100, 'b');
    log.pass(1_100);
    expect(log.names()).toEqual(['hush 2', 'b']);
  });

  it('does not reach the timers of another machine', () => {
    log = new AlarmLog(alarmReplica('alarm', 'other'));
    const timer = valueOf(log.command('setFor', 100, 'a').outcome);
    expect(valueOf(log.commandOf('other', 'unset', timer).outcome)).toBe(false);
    log.pass(1_100);
    expect(log.names()).toEqual(['a']);
  });
});

describe('schedule refuses, and the command with it,', () => {
  it.each<[string, unknown, unknown, readonly unknown[], string]>([
    ['a negative delay', -1, 'ring', ['a'], 'a timer cannot be due in -1 ms'],
    ['no number', null, 'ring', ['a'], 'a timer cannot be due in null ms'],
    ['a number in words', '5', 'ring', ['a'], 'a timer cannot be due in 5 ms'],
    ['an unknown method', 5, 'sing', ['a'], 'machine alarm has no @cmd sing'],
    ['a query', 5, 'heard', [], 'machine alarm has no @cmd heard'],
    ['an event', 5, 'onRung', ['a'], 'machine alarm has no @cmd onRung'],
    ['what every object has', 5, 'toString', [], 'machine alarm has no @cmd toString'],
    ['a wrong argument', 5, 'ring', [7], 'argument 1 (p0) must be'],
    ['too few arguments', 5, 'ring', [], 'argument 1 (p0) must be'],
    ['too many arguments', 5, 'ring', ['a', 'b'], 'alarm.ring takes 1 argument(s), got 2'],
  ])('%s', (_, delayMs, method, args, words) => {
    const { outcome } = log.command('setAny', delayMs, method, args);
    expect(valueOf(outcome)).toContain(words);
    expect(outcome).toMatchObject({ kind: 'error', code: 'CommandRejected' });
    expect(outcome.kind === 'error' && jsonCodec.decode(outcome.data)).toMatchObject({
      code: 'InvalidArgument',
    });
    log.pass(9_000);
    expect(log.names()).toEqual([]);
  });

  it('a delay without an end, and arguments that are no data', () => {
    const replica = new Replica(jsonCodec);
    const alarm = new Alarm();
    replica.register('alarm', alarm);
    const refused: string[] = [];
    const given: readonly (readonly unknown[])[] = [
      [Infinity, 'ring', 'a'],
      [NaN, 'ring', 'a'],
      [5, 'setAny', 1, 'ring', [1n]],
      [5, 7],
    ];
    alarm.ring = function ring() {
      for (const args of given) {
        try {
          (this as unknown as { schedule(...of: unknown[]): void }).schedule(...args);
        } catch (thrown) {
          refused.push(String(thrown));
        }
      }
    };
    new AlarmLog(replica).command('ring', 'a');
    expect(refused).toEqual([
      expect.stringContaining('due in Infinity ms'),
      expect.stringContaining('due in NaN ms'),
      expect.stringContaining('what alarm.setAny is scheduled with is no data'),
      expect.stringContaining('has no @cmd 7'),
    ]);
    expect(replica.timers.count).toBe(0);
  });

  it('more timers than the group has agreed on', () => {
    const limits = { timers: 3 };
    log.append({ kind: 'configure', onlyFirst: false, limits });
    for (const name of ['a', 'b', 'c']) log.command('setFor', 5, name);
    const { outcome } = log.command('setFor', 5, 'one more');
    expect(valueOf(outcome)).toContain('3 timers already');
    expect(outcome.kind === 'error' && jsonCodec.decode(outcome.data)).toMatchObject({ code: 'Overloaded' });
    expect(valueOf(log.command('unset', 2).outcome)).toBe(true);
    expect(valueOf(log.command('setFor', 5, 'd').outcome)).toBe(4);
    log.pass(2_000);
    expect(log.names()).toEqual(['a', 'c', 'd']);
  });

  it.each(['peek', 'silence'])('%s: a query has no timers', (query) => {
    const request = { consistency: 'local', minIndex: 0, ...call('alarm', query) } as const;
    const outcome = log.replicas[0].query(request);
    expect(valueOf(outcome)).toContain('exists only while a command runs');
  });
});

describe('what a timer throws', () => {
  it('is told as an effect, once, and nothing else suffers', () => {
    log.command('setAny', 10, 'setAndFail', [5, 'no luck']);
    log.command('setFor', 20, 'b');
    const { effects, index, outcome } = log.pass(2_000);
    expect(valueOf(outcome)).toBeUndefined();
    expect(effects).toEqual([
      {
        kind: 'timer-failed',
        index,
        machine: 'alarm',
        timer: 1,
        code: 'CommandRejected',
        message: 'alarm.setAndFail: no luck',
      },
    ]);
    expect(log.names()).toEqual(['b']);
    expect(log.pass(2_000).effects).toBeUndefined();
  });

  it('leaves what it has set, and drops what it has notified', () => {
    const id = log.subscribe('any') as SubscriptionId;
    log.command('setAny', 10, 'setAndFail', [5, 'no luck']);
    const pending = () => log.replicas[0].subscriptions.get(id)?.pending.length;
    log.pass(2_000);
    expect(pending()).toBe(0);
    log.pass(2_005);
    expect(log.names()).toEqual(['set before the failure']);
    expect(pending()).toBe(1);
  });
});

describe('what timers notify', () => {
  it('has places in the entry, before what its own command notifies, and wakes who waits', () => {
    const id = log.subscribe('any') as SubscriptionId;
    log.command('setFor', 10, 'a');
    log.command('setAny', 20, 'setAndFail', [50, 'its event has a place, and nobody gets it']);
    log.command('setFor', 30, 'b');
    const { index, news } = log.at(1_040).command('ring', 'c');
    const pending = log.replicas[0].subscriptions.get(id)?.pending ?? [];
    expect(pending.map(({ position, value }) => [position, jsonCodec.decode(value)])).toEqual([
      [{ index, ordinal: 0 }, 'a'],
      [{ index, ordinal: 3 }, 'b'],
      [{ index, ordinal: 5 }, 'c'],
    ]);
    expect(news).toEqual([{ kind: 'events', key: keyOfAny() }]);
  });

  it('wakes who waits also when the entry itself fails', () => {
    log.subscribe('any');
    log.command('setFor', 10, 'a');
    const origin = { session: 77 as typeof log.session, sequence: 1, acknowledged: 0 };
    const applied = log.at(2_000).append({ kind: 'command', origin, ...call('alarm', 'ring', 'of nobody') });
    expect(valueOf(applied.outcome)).toContain('SessionExpired');
    expect(applied.news).toEqual([{ kind: 'events', key: keyOfAny() }]);
    expect(log.names()).toEqual(['a']);
  });
});

describe('the timers of a machine that is not registered', () => {
  it('wait, change nothing for others, and fire with the first entry behind its registration', () => {
    log = new AlarmLog(alarmReplica('alarm', 'other'));
    log.commandOf('other', 'setFor', 100, 'a');
    log.command('setFor', 200, 'b');
    const [whole] = log.replicas;
    const partial = alarmReplica();
    partial.restore(whole.snapshot());
    log.replicas.push(partial);
    log.pass(5_000);
    expect(log.names(partial)).toEqual(['b']);
    expect(partial.timers.nextDueMs).toBe(Infinity);
    expect(partial.timers.count).toBe(1);
    const again = alarmReplica();
    again.restore(partial.snapshot());
    log.replicas.push(again);
    for (const late of [partial, again]) late.register('other', new Alarm());
    const { index } = log.pass(5_000);
    for (const late of [partial, again]) {
      expect(log.rung(late, 'other')).toMatchObject([{ name: 'a', index }]);
      expect(late.timers.count).toBe(0);
    }
  });
});
