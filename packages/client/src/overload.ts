import { CodedError, type Random } from '@decoraft/base';
import { RpcError } from '@decoraft/rpc';

/** How long to wait before the next try, in milliseconds, where the one who refused for want of room has said it. */
export function retryAfterMsOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof CodedError)) return undefined;
  const { cause, data } = thrown;
  const hint: unknown =
    typeof data === 'object' && data !== null && 'retryAfterMs' in data ? data.retryAfterMs : undefined;
  // What the RPC layer itself refused carries its hint beside the data, also as the cause of another error.
  const given = hint ?? [thrown, cause].find((error) => error instanceof RpcError)?.retryAfterMs;
  return typeof given === 'number' && given >= 0 && Number.isFinite(given) ? given : undefined;
}

/**
 * The pause after a refusal with a hint: somewhere between half of it and one and a half times as long, so that those who
 * were refused together do not come back together; and what `growing` adds, so that one who is refused again and again
 * asks less and less often.
 *
 * @param growing The pause that the call would make without a hint.
 */
export function overloadPauseMs(retryAfterMs: number, growing: number, random: Random): number {
  return retryAfterMs * (0.5 + random()) + growing;
}
