import { cmd, event, qry, StateMachine, sub, type TimerId } from 'decoraft';

export interface Lease {
  readonly holder: string;
  /** Grows with every lease: what is protected refuses work with a smaller one than it has seen. */
  readonly fence: number;
}

interface Held extends Lease {
  readonly timer: TimerId;
}

/** A name belongs to one holder at a time, until it is released, or not renewed in time. */
export class Leases extends StateMachine {
  private readonly held = new Map<string, Held>();
  private lastFence = 0;

  /** Nobody renewed the lease in time: whose it was. */
  @sub onExpired = event<(name: string) => Lease>();

  /** Gives the lease, or `undefined` while somebody has it. */
  @cmd acquire(name: string, holder: string, ttlMs: number): Lease | undefined {
    if (this.held.has(name)) return undefined;
    const fence = ++this.lastFence;
    this.held.set(name, { holder, fence, timer: this.schedule(ttlMs, 'expire', name) });
    return { holder, fence };
  }

  /** Gives whether there was time for it. */
  @cmd renew(name: string, fence: number, ttlMs: number): boolean {
    const lease = this.held.get(name);
    if (lease?.fence !== fence) return false;
    this.cancel(lease.timer);
    this.held.set(name, { ...lease, timer: this.schedule(ttlMs, 'expire', name) });
    return true;
  }

  /** Gives whether it was held still. */
  @cmd release(name: string, fence: number): boolean {
    const lease = this.held.get(name);
    if (lease?.fence !== fence) return false;
    this.cancel(lease.timer);
    return this.held.delete(name);
  }

  /** Run by the lease's own timer. */
  @cmd expire(name: string): void {
    if (this.context.session !== undefined) throw new Error('a lease expires by itself');
    const lease = this.held.get(name);
    if (!lease) return;
    this.held.delete(name);
    this.onExpired(name).notify({ holder: lease.holder, fence: lease.fence });
  }

  @qry holderOf(name: string): string | undefined {
    return this.held.get(name)?.holder;
  }
}
