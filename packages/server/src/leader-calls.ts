import { type Clock, pause } from '@decoraft/base';
import type { Channels } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import { methodId } from '@decoraft/rpc';

export interface LeaderCallsOptions {
  readonly channels: Channels;
  readonly service: number;
  readonly clock: Clock;
}

export interface LeaderCallOptions {
  /** Where to begin; whoever is asked may name the leader. */
  readonly addresses: readonly string[];
  readonly timeoutMs: number;
}

/** How long one address is waited for, and how long to wait before the next round of asking. */
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 100;

/** Calls of this server to whoever leads the group, of which it may not be a member yet. */
export class LeaderCalls {
  readonly #options: LeaderCallsOptions;
  readonly #underWay = new Set<AbortController>();
  #isClosed = false;

  constructor(options: LeaderCallsOptions) {
    this.#options = options;
  }

  /** Ends all that is under way, with `Cancelled`. */
  close(): void {
    this.#isClosed = true;
    for (const giveUp of this.#underWay) giveUp.abort();
  }

  /**
   * Asks one address after the other, following hints to the leader, until one answers. What is asked must be safe to
   * repeat.
   *
   * @throws DecoraftError whatever the leader refuses with; `Unavailable` when the time is over, with the last reason;
   *   `Cancelled` when it was closed.
   */
  async call(
    method: string,
    payload: Uint8Array,
    { addresses, timeoutMs }: LeaderCallOptions,
  ): Promise<Uint8Array> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + timeoutMs;
    let hint: string | undefined;
    let reason: DecoraftError | undefined;
    for (let attempt = 0; clock.monotonicMs() < untilMs; attempt++) {
      const address = hint ?? addresses[attempt % addresses.length];
      if (address === undefined) throw new DecoraftError('InvalidArgument', 'there is no address to ask');
      try {
        const leftMs = untilMs - clock.monotonicMs();
        return await this.callOne(address, method, payload, Math.max(1, Math.min(ATTEMPT_MS, leftMs)));
      } catch (thrown) {
        if (this.#isClosed) throw closed(thrown);
        reason = DecoraftError.from(thrown);
        if (!isPassing(reason)) throw reason;
        hint = hint === undefined ? leaderIn(reason) : undefined;
      }
      if (hint === undefined) await pause(this.#options.clock, PAUSE_MS);
    }
    throw new DecoraftError('Unavailable', `no leader answered: ${reason?.message ?? 'out of time'}`, {
      cause: reason,
    });
  }

  /** Asks one server, once, whether it leads or not. */
  async callOne(
    address: string,
    method: string,
    payload: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const { channels, clock, service } = this.#options;
    if (this.#isClosed) throw closed();
    const giveUp = new AbortController();
    this.#underWay.add(giveUp);
    const timer = clock.after(timeoutMs, () => giveUp.abort());
    try {
      const channel = await channels.channel(address, { signal: giveUp.signal });
      return await channel.call(service, methodId(method), payload, { timeoutMs, signal: giveUp.signal });
    } catch (thrown) {
      if (!giveUp.signal.aborted) throw thrown;
      throw new DecoraftError('Unavailable', `${address} did not answer within ${Math.round(timeoutMs)} ms`);
    } finally {
      timer.cancel();
      this.#underWay.delete(giveUp);
    }
  }
}

function closed(cause?: unknown): DecoraftError {
  return new DecoraftError('Cancelled', 'this node of the group was closed', { cause });
}

/** Whether asking again, or elsewhere, may help. */
function isPassing({ code, nextStep }: DecoraftError): boolean {
  // A server that is closing has let go of the group's service already.
  if (code === 'Unimplemented') return true;
  return nextStep === 'ask another node' || nextStep === 'try later' || nextStep === 'may have happened';
}

function leaderIn({ data }: DecoraftError): string | undefined {
  const { leaderAddress } = (data ?? {}) as { leaderAddress?: unknown };
  return typeof leaderAddress === 'string' && leaderAddress !== '' ? leaderAddress : undefined;
}
