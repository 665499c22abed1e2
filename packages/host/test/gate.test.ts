import { createDeferred, VirtualClock } from '@decoraft/base';
import { encodeProposal, type SessionId, type SubscriptionId } from '@decoraft/protocol';
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

  it('refuses what a session asks behind a question that it refused, until that has come again', async () => {
    const { ask } = gateFor(4);
    const asked = (sequence: number, work = answers): Promise<string> => {
      const origin = { session: 7 as SessionId, sequence, acknowledged: 0 };
      const proposal = { kind: 'unsubscribe', origin, subscription: 1 as SubscriptionId } as const;
      return ask(1, work, encodeProposal(proposal)).then(
        () => 'answered',
        (thrown: { readonly code: string }) => thrown.code,
      );
    };
    const blocking = [createDeferred<Uint8Array>(), createDeferred<Uint8Array>()];
    const inside = blocking.map(({ promise }, at) => asked(at + 1, () => promise));
    expect(await asked(3)).toBe('Overloaded');
    for (const { resolve } of blocking) resolve(answer);
    expect(await Promise.all(inside)).toEqual(['answered', 'answered']);
    expect(await asked(4)).toBe('Overloaded');
    expect(await asked(2)).toBe('answered');
    expect(await asked(3)).toBe('answered');
    expect(await asked(4)).toBe('answered');
  });
});
