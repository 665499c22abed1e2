import { createDeferred, VirtualClock } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { createGates, type Gate } from '../src/gate.js';
import { DEFAULT_SETTINGS } from '../src/ports.js';

const answer = new Uint8Array(0);
const callOf = (id: number) => ({ connection: { id, remoteAddress: 'somewhere' } });

function gateOf(count: number): { readonly gate: Gate; readonly clock: VirtualClock } {
  const clock = new VirtualClock();
  const { proposals } = createGates({ ...DEFAULT_SETTINGS, maxPendingProposals: count }, clock);
  return { clock, gate: proposals };
}

describe('a gate', () => {
  it('refuses at once who finds no room, as certainly not appended, with a time to come back', async () => {
    const { clock, gate } = gateOf(2);
    const first = createDeferred<Uint8Array>();
    const let1 = gate.pass({ call: callOf(1), bytes: 10 }, () => first.promise);
    clock.advance(40);
    let hasRun = false;
    const refused = gate.pass({ call: callOf(1), bytes: 10 }, () => {
      hasRun = true;
      return answer;
    });
    const error = await refused.catch((thrown: unknown) => thrown as DecoraftError);
    expect(error).toMatchObject({ code: 'Overloaded', data: { appended: false, retryAfterMs: 40 } });
    expect(hasRun).toBe(false);
    first.resolve(answer);
    await let1;
  });

  it.each<[string, (work: { resolve(value: Uint8Array): void; reject(reason: unknown): void }) => void]>([
    ['answered', ({ resolve }) => resolve(answer)],
    ['failed', ({ reject }) => reject(new Error('no'))],
  ])('has room again for one more when one was %s', async (_, end) => {
    const { gate } = gateOf(1);
    const work = createDeferred<Uint8Array>();
    const inside = gate.pass({ call: callOf(1), bytes: 1 }, () => work.promise).catch(() => answer);
    await expect(gate.pass({ call: callOf(2), bytes: 1 }, () => answer)).rejects.toThrow('Overloaded');
    end(work);
    await inside;
    expect(await gate.pass({ call: callOf(2), bytes: 1 }, () => answer)).toBe(answer);
  });

  it('has room again when the work throws at once', async () => {
    const { gate } = gateOf(1);
    const failing = (): Uint8Array => {
      throw new Error('no');
    };
    await expect(gate.pass({ call: callOf(1), bytes: 1 }, failing)).rejects.toThrow('no');
    expect(await gate.pass({ call: callOf(2), bytes: 1 }, () => answer)).toBe(answer);
  });
});
