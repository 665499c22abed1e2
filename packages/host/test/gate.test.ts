import { createDeferred, VirtualClock } from '@decoraft/base';
import { type DecoraftError, encodeProposal, type SessionId, type SubscriptionId } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { createGates, type Gate } from '../src/gate.js';
import { DEFAULT_SETTINGS } from '../src/ports.js';

const answer = new Uint8Array(0);
const of = (bytes: number): Uint8Array => new Uint8Array(bytes);
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
    const let1 = gate.pass({ call: callOf(1), payload: of(10) }, () => first.promise);
    clock.advance(40);
    let hasRun = false;
    const refused = gate.pass({ call: callOf(1), payload: of(10) }, () => {
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
    const inside = gate.pass({ call: callOf(1), payload: of(1) }, () => work.promise).catch(() => answer);
    await expect(gate.pass({ call: callOf(2), payload: of(1) }, () => answer)).rejects.toThrow('Overloaded');
    end(work);
    await inside;
    expect(await gate.pass({ call: callOf(2), payload: of(1) }, () => answer)).toBe(answer);
  });

  it('refuses what a session asks behind a question that it refused, until that has come again', async () => {
    const { gate } = gateOf(4);
    const blocking = [createDeferred<Uint8Array>(), createDeferred<Uint8Array>()];
    const ask = (client: number, sequence: number, work: () => Uint8Array | Promise<Uint8Array>) => {
      const origin = { session: 7 as SessionId, sequence, acknowledged: 0 };
      const payload = encodeProposal({ kind: 'unsubscribe', origin, subscription: 1 as SubscriptionId });
      return gate.pass({ call: callOf(client), payload }, work).then(
        () => 'answered',
        (thrown: unknown) => (thrown as DecoraftError).code,
      );
    };
    const inside = blocking.map((deferred, at) => ask(1, at + 1, () => deferred.promise));
    expect(await ask(1, 3, () => answer)).toBe('Overloaded');
    for (const deferred of blocking) deferred.resolve(answer);
    expect(await Promise.all(inside)).toEqual(['answered', 'answered']);
    expect(await ask(1, 4, () => answer)).toBe('Overloaded');
    expect(await ask(1, 2, () => answer)).toBe('answered');
    expect(await ask(1, 3, () => answer)).toBe('answered');
    expect(await ask(1, 4, () => answer)).toBe('answered');
  });

  it('has room again when the work throws at once', async () => {
    const { gate } = gateOf(1);
    const failing = (): Uint8Array => {
      throw new Error('no');
    };
    await expect(gate.pass({ call: callOf(1), payload: of(1) }, failing)).rejects.toThrow('no');
    expect(await gate.pass({ call: callOf(2), payload: of(1) }, () => answer)).toBe(answer);
  });
});
