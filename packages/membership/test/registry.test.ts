import { beforeEach, describe, expect, it } from 'vitest';
import type { JoinAnswer, MemberRecord, MembershipAnswer, Silence } from '../src/index.js';
import { RegistryLog } from './support/registry-log.js';

const TIMEOUT_MS = 1_000;
let log: RegistryLog;

beforeEach(() => {
  log = new RegistryLog();
});

function join(id?: string, ...groups: readonly string[]): MemberRecord {
  const request = { ...(id !== undefined && { id }), address: 'here:1', metadata: {}, groups };
  return (log.command('join', { ...request, timeoutMs: TIMEOUT_MS }) as JoinAnswer).member;
}

const member = (id: string): MemberRecord | undefined =>
  (log.query('member', id) as { member: MemberRecord | undefined }).member;

const leader = (group: string): string | undefined =>
  (log.query('groupLeader', group) as { leader: MemberRecord | undefined }).leader?.id;

/** What a leader proposes that has not heard of a member for its whole timeout. */
function silenceOf({ id, incarnation, onlineVersion }: MemberRecord): Silence {
  log.timeMs += TIMEOUT_MS;
  return { id, incarnation, onlineVersion, lastSeenMs: log.timeMs - TIMEOUT_MS };
}

describe('who is taken offline', () => {
  const attempt = (term: number, silence: Silence): boolean =>
    (log.command('markOffline', term, [silence]) as MembershipAnswer).changed;

  it('is who was silent, in the term of the leader that missed it', () => {
    const ada = join('ada');
    expect(attempt(log.term, silenceOf(ada))).toBe(true);
    expect(member('ada')).toMatchObject({ isOnline: false, sinceMs: log.timeMs });
  });

  it('is nobody whom the leader of an earlier term missed: the new one may have heard of it', () => {
    const silence = silenceOf(join('ada'));
    log.term += 1;
    expect(attempt(log.term - 1, silence)).toBe(false);
    expect(member('ada')?.isOnline).toBe(true);
  });

  it('is nobody who has come back meanwhile', () => {
    const silence = silenceOf(join('ada'));
    log.command('markOffline', log.term, [silence]);
    log.command('markOnline', log.term, [{ id: 'ada', incarnation: silence.incarnation }]);
    expect(attempt(log.term, silence)).toBe(false);
    expect(member('ada')?.isOnline).toBe(true);
  });

  it('is nobody who has joined again meanwhile', () => {
    const silence = silenceOf(join('ada'));
    join('ada');
    expect(attempt(log.term, silence)).toBe(false);
  });

  it('is nobody whose time is not up by the time of the log, whatever the leader says', () => {
    const silence = silenceOf(join('ada'));
    expect(attempt(log.term, { ...silence, lastSeenMs: silence.lastSeenMs + 1 })).toBe(false);
  });

  it('is nobody who was never there', () => {
    expect(attempt(log.term, { id: 'eve', incarnation: 1, onlineVersion: 1, lastSeenMs: 0 })).toBe(false);
  });
});

describe('who comes back', () => {
  it('is not brought back by the leader of an earlier term', () => {
    const silence = silenceOf(join('ada'));
    log.command('markOffline', log.term, [silence]);
    const life = { id: 'ada', incarnation: silence.incarnation };
    expect(log.command('markOnline', log.term - 1, [life])).toMatchObject({ changed: false });
    expect(log.command('markOnline', log.term, [life])).toMatchObject({ changed: true });
  });

  it('is not brought back by a beat of an earlier life', () => {
    const first = join('ada');
    const again = join('ada');
    log.command('markOffline', log.term, [silenceOf(again)]);
    const { incarnation } = first;
    expect(log.command('markOnline', log.term, [{ id: 'ada', incarnation }])).toMatchObject({
      changed: false,
    });
  });
});

describe('a life that is over', () => {
  it('joins no group, leaves none, and has nobody else leave', () => {
    const first = join('ada', 'g');
    const life = { id: 'ada', incarnation: first.incarnation };
    join('ada', 'g');
    expect(() => log.command('joinGroup', life, 'h')).toThrow(/NotFound/);
    expect(() => log.command('leaveGroup', life, 'g')).toThrow(/NotFound/);
    expect(log.command('leave', 'ada', first.incarnation)).toMatchObject({ changed: false });
    expect(member('ada')?.groups).toEqual(['g']);
  });
});

describe('the leader of a group', () => {
  it('is the first to join, then the online member with the smallest id, and stays that when others come back', () => {
    const [zoe, bob, ada] = [join('zoe', 'g'), join('bob', 'g'), join('ada', 'g')];
    expect(leader('g')).toBe('zoe');
    log.command('markOffline', log.term, [silenceOf(ada)]);
    log.command('markOffline', log.term, [silenceOf(zoe)]);
    expect(leader('g')).toBe('bob');
    log.command(
      'markOnline',
      log.term,
      [ada, zoe].map(({ id, incarnation }) => ({ id, incarnation })),
    );
    expect(leader('g')).toBe('bob');
    log.command('leave', 'bob', bob.incarnation);
    expect(leader('g')).toBe('ada');
  });

  it('is nobody while none of its members is online', () => {
    const ada = join('ada', 'g');
    log.command('markOffline', log.term, [silenceOf(ada)]);
    expect(leader('g')).toBeUndefined();
    join('bob', 'g');
    expect(leader('g')).toBe('bob');
  });
});

describe('what is asked', () => {
  it('is answered with the version, which grows by one with each change and with nothing else', () => {
    expect(log.query('view')).toEqual({ version: 0, members: [], groups: [] });
    join('ada');
    expect(log.command('createGroup', 'g')).toEqual({ version: 2, changed: true });
    expect(log.command('createGroup', 'g')).toEqual({ version: 2, changed: false });
    expect(log.command('deleteGroup', 'h')).toEqual({ version: 2, changed: false });
    for (const [name, ...args] of [
      ['members'],
      ['groups'],
      ['member', 'x'],
      ['groupMembers', 'g'],
      ['groupLeader', 'g'],
    ]) {
      expect([name, log.query(name ?? '', ...args)]).toMatchObject([name, { version: 2 }]);
    }
  });

  it('an id that nobody has is drawn for who has none', () => {
    const [one, other] = [join(), join()];
    expect(one.id).not.toBe(other.id);
  });

  it.each([
    ['an empty id', { id: '' }],
    ['a long address', { address: 'x'.repeat(257) }],
    ['an empty address', { address: '' }],
    ['a group without a name', { groups: [''] }],
    ['too many groups', { groups: Array.from({ length: 257 }, (_, at) => `g${at}`) }],
    ['much metadata', { metadata: { a: 'x'.repeat(4_096) } }],
    ['a short timeout', { timeoutMs: 499 }],
    ['no timeout', { timeoutMs: Number.NaN }],
  ])('%s is refused, and leaves no trace', (_what, wrong) => {
    const request = { address: 'here:1', metadata: {}, groups: ['g'], timeoutMs: TIMEOUT_MS, ...wrong };
    expect(() => log.command('join', request)).toThrow(/InvalidArgument/);
    expect(log.query('view')).toEqual({ version: 0, members: [], groups: [] });
  });

  it('keys such as __proto__ are data', () => {
    const metadata = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    const request = {
      id: '__proto__',
      address: 'a',
      metadata,
      groups: ['constructor'],
      timeoutMs: TIMEOUT_MS,
    };
    log.command('join', request);
    expect(Object.entries(member('__proto__')?.metadata ?? {})).toEqual(Object.entries(metadata));
    expect(leader('constructor')).toBe('__proto__');
  });
});
