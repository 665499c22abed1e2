import { VirtualClock } from '@decoraft/base';
import { encodeProposal, type Origin, type SessionId, type SubscriptionId } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { originOf, Turns } from '../src/turns.js';

const at = (sequence: number, acknowledged = 0, session = 7): Origin => ({
  session: session as SessionId,
  sequence,
  acknowledged,
});

let clock: VirtualClock;
let turns: Turns;

beforeEach(() => {
  clock = new VirtualClock();
  turns = new Turns(clock);
  turns.refuse(at(5));
});

describe('when a question was refused', () => {
  it.each<[string, boolean, () => Origin]>([
    ['those behind it have to wait', false, () => at(6)],
    ['those before it, and itself, may come', true, () => at(5)],
    ['those of other sessions may come', true, () => at(6, 0, 8)],
    ['those behind it may come when the session wants it no more', true, () => at(6, 5)],
  ])('%s', (_, isTurn, origin) => {
    expect(turns.isTurnOf(origin())).toBe(isTurn);
  });

  it('those behind it may come when it was let in', () => {
    turns.admit(at(4));
    expect(turns.isTurnOf(at(6))).toBe(false);
    turns.admit(at(5));
    expect(turns.isTurnOf(at(6))).toBe(true);
    expect(turns.isEmpty).toBe(true);
  });

  it('and then one before it, that one counts', () => {
    turns.refuse(at(3));
    turns.refuse(at(9));
    turns.admit(at(5));
    expect(turns.isTurnOf(at(4))).toBe(false);
  });

  it('those behind it may come when it has not come again for two seconds', () => {
    clock.advance(1_999);
    expect(turns.isTurnOf(at(6))).toBe(false);
    clock.advance(1);
    expect(turns.isTurnOf(at(6))).toBe(true);
  });
});

it('only so many sessions are remembered, the latest', () => {
  for (let session = 100; session < 100 + 4_096; session++) turns.refuse(at(5, 0, session));
  expect(turns.isTurnOf(at(6))).toBe(true);
  expect(turns.isTurnOf(at(6, 0, 100))).toBe(false);
});

it('what is no question of a session has no turn', () => {
  expect(originOf(Uint8Array.of(255))).toBeUndefined();
  expect(originOf(encodeProposal({ kind: 'open-session', timeoutMs: 5 }))).toBeUndefined();
  const origin = at(5, 3);
  const question = { kind: 'unsubscribe', origin, subscription: 1 as SubscriptionId } as const;
  expect(originOf(encodeProposal(question))).toEqual(origin);
});
