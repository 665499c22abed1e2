import { createDeferred, type Deferred } from '@decoraft/base';
import type { Origin, SessionId } from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Turns } from '../src/turns.js';

const bytes = new Uint8Array(0);
const at = (sequence: number, acknowledged = 0, session = 7): Origin => ({
  session: session as SessionId,
  sequence,
  acknowledged,
});

let turns: Turns;
let appended: Deferred<Uint8Array>[];

beforeEach(() => {
  turns = new Turns();
  appended = [];
});

/** Asks a question of a session that has applied none yet. @returns Whether it was appended. */
function ask(origin: Origin, lastApplied = 0): boolean {
  const before = appended.length;
  const append = (): Promise<Uint8Array> => {
    const deferred = createDeferred<Uint8Array>();
    appended.push(deferred);
    return deferred.promise;
  };
  try {
    turns.take(origin, lastApplied, append).catch(() => undefined);
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'Unavailable', data: { appended: false, outOfOrder: true } });
  }
  return appended.length > before;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a leader appends', () => {
  it('what a session asks one after the other, before any of it is applied', () => {
    expect([1, 2, 3].map((sequence) => ask(at(sequence)))).toEqual([true, true, true]);
  });

  it('nothing behind a question that has not come', () => {
    expect([1, 3, 4, 2, 3, 4].map((sequence) => ask(at(sequence)))).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('a question once more, however often it comes', () => {
    expect([1, 2, 1, 2, 1].map((sequence) => ask(at(sequence)))).toEqual([true, true, true, true, true]);
  });

  it('what follows a question that was applied, or that its client wants no more', () => {
    expect([ask(at(6), 5), ask(at(9, 8), 5), ask(at(20, 8), 5)]).toEqual([true, true, false]);
  });

  it('each session in its own order', () => {
    expect([ask(at(1)), ask(at(2, 0, 8)), ask(at(1, 0, 8))]).toEqual([true, false, true]);
  });

  it('again from one that failed on, and not those behind it', async () => {
    for (const sequence of [1, 2, 3]) ask(at(sequence));
    appended[1]?.reject(new Error('lost'));
    await settled();
    expect([ask(at(3)), ask(at(4)), ask(at(2)), ask(at(3))]).toEqual([false, false, true, true]);
  });

  it('again from what was applied on when leadership has changed', () => {
    for (const sequence of [1, 2, 3]) ask(at(sequence));
    turns.forgetAll();
    expect([ask(at(4), 1), ask(at(2), 1)]).toEqual([false, true]);
  });

  it('and remembers nothing of what was applied', async () => {
    for (const sequence of [1, 2]) ask(at(sequence));
    for (const { resolve } of appended) resolve(bytes);
    await settled();
    expect(ask(at(3), 0)).toBe(false);
    expect(ask(at(3), 2)).toBe(true);
  });
});
