import { createDeferred, VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { createGates } from '../src/gate.js';
import { DEFAULT_SETTINGS } from '../src/ports.js';

const answer = new Uint8Array(0);
const answers = (): Promise<Uint8Array> => Promise.resolve(answer);

type Ask = (client: number, work?: () => Promise<Uint8Array>, payload?: Uint8Array) => Promise<Uint8Array>;

/** A gate for so many proposals. */
function gateFor(count: number): { readonly ask: Ask; readonly clock: VirtualClock } {
  const clock = new VirtualClock();
  const { proposals } = createGates({ ...DEFAULT_SETTINGS, maxPendingProposals: count }, clock);
  return {
    clock,
    ask: async (client, work = answers, payload = new Uint8Array(10)) => {
      const call = { connection: { id: client, remoteAddress: 'somewhere' } };
      return proposals.pass({ call, payload }, work);
    },
  };
}

describe('a gate', () => {
  it('refuses at once who finds no room, as certainly not appended, with a time to come back', async () => {
    const { ask, clock } = gateFor(2);
    const first = createDeferred<Uint8Array>();
    const inside = ask(1, () => first.promise);
    clock.advance(40);
    let hasRun = false;
    const refused = ask(1, () => {
      hasRun = true;
      return answers();
    });
    await expect(refused).rejects.toMatchObject({
      code: 'Overloaded',
      data: { appended: false, retryAfterMs: 40 },
    });
    expect(hasRun).toBe(false);
    first.resolve(answer);
    expect(await inside).toBe(answer);
  });

  it.each<[string, (work: { resolve(value: Uint8Array): void; reject(reason: unknown): void }) => void]>([
    ['answered', ({ resolve }) => resolve(answer)],
    ['failed', ({ reject }) => reject(new Error('no'))],
  ])('has room again for one more when one was %s', async (_, end) => {
    const { ask } = gateFor(1);
    const work = createDeferred<Uint8Array>();
    const inside = ask(1, () => work.promise).catch(answers);
    await expect(ask(2)).rejects.toThrow('Overloaded');
    end(work);
    await inside;
    expect(await ask(2)).toBe(answer);
  });

  it('has room again when the work fails at once', async () => {
    const { ask } = gateFor(1);
    const failing = (): never => {
      throw new Error('no');
    };
    await expect(ask(1, failing)).rejects.toThrow('no');
    expect(await ask(2)).toBe(answer);
  });

  it('lets in no more than leaves within a second, once there is a queue, and leaves room for others', async () => {
    const { ask, clock } = gateFor(10_000);
    const waiting: (() => void)[] = [];
    const wait = (): Promise<Uint8Array> => new Promise((resolve) => waiting.push(() => resolve(answer)));
    const offer = async (client: number, count: number): Promise<number> => {
      const before = waiting.length;
      for (let left = count; left > 0; left--) ask(client, wait).catch(answers);
      await Promise.resolve();
      return waiting.length - before;
    };
    expect(await offer(1, 1_000)).toBe(1_000);
    // 200 leave in a second, one every 5 ms.
    for (let elapsedMs = 0; elapsedMs < 3_000; elapsedMs += 5) {
      clock.advance(5);
      waiting.shift()?.();
      await Promise.resolve();
    }
    expect(waiting).toHaveLength(400);
    expect(await offer(1, 100)).toBe(0);
    expect(await offer(2, 100)).toBe(0);
    for (let elapsedMs = 0; elapsedMs < 1_500; elapsedMs += 5) {
      clock.advance(5);
      waiting.shift()?.();
      await Promise.resolve();
    }
    expect(waiting).toHaveLength(100);
    expect(await offer(1, 100)).toBeLessThan(10);
    const ofTheOther = await offer(2, 200);
    expect(ofTheOther).toBeGreaterThan(35);
    expect(ofTheOther).toBeLessThan(65);
    expect(await offer(3, 1)).toBe(1);
  });
});
