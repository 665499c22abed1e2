import { systemRandom, VirtualClock } from '@decoraft/base';
import { DecoraftError, type ErrorCode } from '@decoraft/protocol';
import { RpcError } from '@decoraft/rpc';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallOptions } from '../src/call-options.js';
import { retry } from '../src/retry.js';

let clock: VirtualClock;
let closing: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  closing = new AbortController();
});

/** Runs a call whose tries end with the given errors, then with an answer; time passes by itself. */
async function run(errors: readonly Error[], options: CallOptions = {}): Promise<string> {
  let tries = 0;
  const over = new AbortController();
  const ports = { clock, random: systemRandom, closed: closing.signal };
  const attempt = (): Promise<string> => {
    const error = errors[Math.min(tries++, errors.length)];
    return error ? Promise.reject(error) : Promise.resolve(`answered at try ${tries}`);
  };
  const call = retry(ports, options, attempt, ({ kind, lastError, mayHaveHappened }) =>
    kind === 'refused' && !mayHaveHappened
      ? lastError
      : new DecoraftError(mayHaveHappened ? 'Indeterminate' : 'Unavailable', kind),
  ).catch((error: unknown) => (error instanceof DecoraftError ? error.code : 'aborted'));
  void call.finally(() => over.abort());
  while (!over.signal.aborted) {
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return call;
}

const error = (code: ErrorCode, data?: unknown): DecoraftError => new DecoraftError(code, 'x', { data });
const forever = (thrown: Error): readonly Error[] => Array.from({ length: 100_000 }, () => thrown);

describe('a call', () => {
  it.each<ErrorCode>(['NotLeader', 'NoLeader', 'Behind', 'Unavailable', 'Overloaded'])(
    'is tried again after %s',
    async (code) => {
      expect(await run([error(code), error(code)])).toBe('answered at try 3');
    },
  );

  it.each<ErrorCode>(['InvalidArgument', 'CommandRejected', 'SessionExpired', 'Internal', 'NotFound'])(
    'is not tried again after %s',
    async (code) => {
      expect(await run([error(code)])).toBe(code);
    },
  );

  it('that never reached a log ends as unavailable', async () => {
    expect(await run(forever(error('NoLeader', { appended: false })), { timeoutMs: 500 })).toBe(
      'Unavailable',
    );
    expect(await run(forever(new RpcError('Unavailable', 'x', { sent: false })), { timeoutMs: 500 })).toBe(
      'Unavailable',
    );
  });

  it('one of whose tries may have reached a log ends as unknown', async () => {
    const unsent = forever(error('NoLeader', { appended: false }));
    const lost = new RpcError('Unavailable', 'x', { sent: true });
    expect(await run([lost, ...unsent], { timeoutMs: 500 })).toBe('Indeterminate');
    expect(await run([error('NotLeader', { appended: true }), ...unsent], { timeoutMs: 500 })).toBe(
      'Indeterminate',
    );
  });

  it('one of whose tries may have reached a log ends as unknown also when the next one is refused', async () => {
    const lost = new RpcError('Unavailable', 'x', { sent: true });
    expect(await run([lost, error('Unimplemented')])).toBe('Indeterminate');
    const unsent = new RpcError('Unavailable', 'x', { sent: false });
    expect(await run([unsent, error('Unimplemented')])).toBe('Unimplemented');
  });

  it('ends when its signal is aborted, and when the cluster is closed', async () => {
    const controller = new AbortController();
    clock.after(200, () => controller.abort());
    expect(await run(forever(error('NoLeader')), { signal: controller.signal })).toBe('aborted');
    closing.abort();
    expect(await run(forever(error('NoLeader', { appended: false })))).toBe('Unavailable');
  });

  it('that was refused for want of room is tried again when it was told to, and not before', async () => {
    const refusal = error('Overloaded', { appended: false, retryAfterMs: 1_000 });
    expect(await run([refusal])).toBe('answered at try 2');
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(500);
    expect(clock.monotonicMs()).toBeLessThan(1_600);
  });

  it('that would find room only after its deadline ends at once, if it cannot have happened', async () => {
    const refusal = error('Overloaded', { appended: false, retryAfterMs: 1_000 });
    expect(await run(forever(refusal), { timeoutMs: 900 })).toBe('Unavailable');
    expect(clock.monotonicMs()).toBeLessThan(50);
    const lost = new RpcError('Unavailable', 'x', { sent: true });
    expect(await run([lost, ...forever(refusal)], { timeoutMs: 900 })).toBe('Indeterminate');
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(900);
  });
});
