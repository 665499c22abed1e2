import { describe, expect, it } from 'vitest';
import { Barriers, Elections, Locks, Queues, Semaphores } from '../src/index.js';
import { MachineLog } from './support/machine-log.js';

/** A machine that one client has used: it is visitor 1, and `used` is the name and the number of a question. */
function usedBy(machine: 'barriers' | 'elections' | 'locks' | 'queues' | 'semaphores') {
  const log = new MachineLog(() => {
    switch (machine) {
      case 'barriers':
        return new Barriers();
      case 'elections':
        return new Elections();
      case 'locks':
        return new Locks();
      case 'queues':
        return new Queues();
      default:
        return new Semaphores();
    }
  });
  const session = log.open();
  log.command(session, 'attend');
  const run = (name: string, ...args: readonly unknown[]): unknown => log.command(session, name, ...args);
  return { log, run, session };
}

const receive = { visitor: 1, request: 7, max: 1, visibilityMs: 10, isPatient: true };
const enqueue = { body: 'a', delayMs: 0 };
const campaign = { visitor: 1, request: 7, value: '', isPatient: true };
const permits = { visitor: 1, request: 7, permits: 1, initialPermits: 1, isPatient: true };

describe('a queue of a name that nobody has used', () => {
  it.each<[string, readonly unknown[], string?]>([
    ['acknowledge', ['q', 9], 'NotFound'],
    ['extend', ['q', 9, 10], 'NotFound'],
    ['reject', ['q', 9, 10], 'NotFound'],
    ['receive', ['q', { ...receive, isPatient: false }]],
    ['receive', ['q', { ...receive, visitor: 2 }]],
    ['enqueue', ['q', { ...enqueue, delayMs: Infinity }], 'InvalidArgument'],
    ['configure', ['q', {}]],
    ['configure', ['q', { maxItems: 100_000, deadLetters: 'q.dead' }]],
    ['giveUp', ['q', 1, 7]],
  ])('is not there after %s %j', (name, args, code) => {
    const { log, run } = usedBy('queues');
    const before = log.state;
    if (code === undefined) run(name, ...args);
    else expect(() => run(name, ...args)).toThrow(code);
    expect(log.state).toEqual(before);
    log.mustAgree();
  });
});

describe('a queue that is not used any more is not there', () => {
  const names = (log: MachineLog): readonly string[] => [
    ...(log.state as { queues: Map<string, unknown> }).queues.keys(),
  ];

  it('after its last item was acknowledged, also among dead letters', () => {
    const { log, run } = usedBy('queues');
    const take = (name: string): number => {
      const { items } = run('receive', name, receive) as { items: readonly { receipt: number }[] };
      return items[0]?.receipt ?? 0;
    };
    run('configure', 'q', { maxAttempts: 1 });
    run('enqueue', 'q', enqueue);
    run('reject', 'q', take('q'), 0);
    expect(names(log)).toEqual(['q', 'q.dead']);
    run('acknowledge', 'q.dead', take('q.dead'));
    expect(names(log)).toEqual(['q']);
    expect(log.query('settingsOf', 'q')).toMatchObject({ maxAttempts: 1 });
    run('enqueue', 'q', enqueue);
    const receipt = take('q');
    // The item is still there: what it is to be like by default changes nothing about that.
    run('configure', 'q', { maxAttempts: 0 });
    expect(names(log)).toEqual(['q']);
    run('acknowledge', 'q', receipt);
    expect(names(log)).toEqual([]);
  });

  it.each(['giveUp', 'depart', 'end'])('after %s of the only one who waited', (how) => {
    const { log, run, session } = usedBy('queues');
    expect(run('receive', 'q', receive)).toEqual({ kind: 'waiting' });
    expect(names(log)).toEqual(['q']);
    if (how === 'giveUp') run('giveUp', 'q', 1, 7);
    else if (how === 'depart') run('depart', 1);
    else log.end(session);
    expect(names(log)).toEqual([]);
    log.mustAgree();
  });

  it('but is there as long as a deduplicationId is remembered', () => {
    const { log, run } = usedBy('queues');
    const { id } = run('enqueue', 'q', { ...enqueue, deduplicationId: 'a' }) as { id: number };
    const { items } = run('receive', 'q', receive) as { items: readonly { receipt: number }[] };
    run('acknowledge', 'q', items[0]?.receipt);
    expect(run('enqueue', 'q', { ...enqueue, deduplicationId: 'a' })).toEqual({ id, isDuplicate: true });
    expect(names(log)).toEqual(['q']);
  });
});

describe('a name of which a question is refused leaves nothing behind', () => {
  it('with locks, for a number that was used before', () => {
    const { log, run } = usedBy('locks');
    run('acquire', 'used', 1, 7, true);
    const before = log.state;
    expect(() => run('acquire', 'new', 1, 7, true)).toThrow('request 7 was made before');
    expect(run('acquire', 'new', 2, 8, true)).toEqual({ kind: 'unknown-visitor' });
    expect(log.state).toEqual(before);
  });

  it('with elections, for a number that was used before', () => {
    const { log, run } = usedBy('elections');
    run('campaign', 'used', campaign);
    const before = log.state;
    expect(() => run('campaign', 'new', campaign)).toThrow('request 7 was made before');
    expect(log.state).toEqual(before);
  });

  it('with semaphores, for a number that was used before, and for more permits than it would have', () => {
    const { log, run } = usedBy('semaphores');
    run('acquire', 'used', permits);
    const before = log.state;
    expect(() => run('acquire', 'new', permits)).toThrow('request 7 was made before');
    expect(() => run('acquire', 'new', { ...permits, request: 8, permits: 2 })).toThrow('never 2');
    expect(log.query('look', 'new')).toBeUndefined();
    expect(log.state).toEqual(before);
  });

  it('with barriers, whatever is wrong with it', () => {
    const { log, run } = usedBy('barriers');
    const arrival = { visitor: 1, request: 7, parties: 2, isStaying: true };
    const before = log.state;
    expect(() => run('enter', 'new', { ...arrival, parties: 0 })).toThrow('parties is 0');
    expect(run('enter', 'new', { ...arrival, visitor: 2 })).toEqual({ kind: 'unknown-visitor' });
    expect(run('leave', 'new', 1, 7, 8)).toEqual({ kind: 'broken', generation: 0 });
    expect(run('giveUp', 1, 7)).toBe(false);
    expect(log.state).toEqual(before);
  });
});
