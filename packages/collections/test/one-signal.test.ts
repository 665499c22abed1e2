import { getEventListeners } from 'node:events';
import type { Cluster, Unsubscribe } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consume } from '../src/consume.js';
import { fulfil } from '../src/patience.js';
import { type News, Visits } from '../src/visit.js';

// Node warns of more than ten listeners.
const MANY = 20;

let controller: AbortController;
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);

beforeEach(() => {
  controller = new AbortController();
  process.on('warning', note);
});

afterEach(async () => {
  await new Promise((resolve) => void setImmediate(resolve));
  process.off('warning', note);
  expect(warnings.splice(0)).toEqual([]);
  expect(listenerCount(controller.signal)).toBe(0);
});

function listenerCount(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** A machine that lets everybody wait. */
function waitingRoom(): Visits<News> {
  const cluster = { status: 'connected', on: () => undefined, off: () => undefined };
  const unsubscribe = { ended: new Promise(() => undefined) } as unknown as Unsubscribe;
  return new Visits<News>(cluster as unknown as Cluster, {
    attend: () => Promise.resolve(1),
    depart: () => Promise.resolve(),
    listen: () => Promise.resolve(unsubscribe),
  });
}

describe('many may wait with one signal, without a warning', () => {
  it('for what others have, and all give up together', async () => {
    const visits = waitingRoom();
    let asked = 0;
    let takenBack = 0;
    const wish = {
      what: 'lock printer',
      ask: () => {
        asked += 1;
        return Promise.resolve({ kind: 'waiting' });
      },
      takeBack: () => Promise.resolve((takenBack += 1)),
    };
    const { signal } = controller;
    const waits = Array.from({ length: MANY }, () => fulfil(visits, wish, { signal }));
    const ends = Promise.allSettled(waits);
    await expect.poll(() => asked).toBe(MANY);
    expect(listenerCount(signal)).toBe(1);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await ends).toEqual(waits.map(() => ({ status: 'rejected', reason })));
    expect(takenBack).toBe(MANY);
  });

  it('in loops that receive, each with many workers', async () => {
    const visits = waitingRoom();
    let asked = 0;
    let most = 0;
    const wish = {
      what: 'queue mail',
      ask: () => {
        asked += 1;
        return Promise.resolve({ kind: 'waiting' });
      },
      takeBack: () => Promise.resolve(),
    };
    const receive = async ({ signal }: { readonly signal?: AbortSignal }): Promise<readonly never[]> => {
      const waiting = fulfil(visits, wish, signal ? { signal } : {});
      if (signal) most = Math.max(most, listenerCount(signal));
      await waiting;
      return [];
    };
    const { signal } = controller;
    const options = { signal, concurrency: MANY };
    const loops = Array.from({ length: MANY }, () => consume({ receive }, () => undefined, options));
    await expect.poll(() => asked).toBe(MANY * MANY);
    expect([most, listenerCount(signal)]).toEqual([1, 1]);
    controller.abort();
    await Promise.all(loops);
  });
});
