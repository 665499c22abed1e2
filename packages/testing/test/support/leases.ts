import { stableHash } from '@decoraft/base';
import { type Cluster, MachineClient } from '@decoraft/client';
import type { OperationId, TimerId } from '@decoraft/protocol';
import { cmd, defineOperations, qry, StateMachine } from '@decoraft/state-machine';

const operationId = (name: string): OperationId => stableHash(name) as OperationId;

interface Held {
  readonly fence: number;
  readonly dueMs: number;
  readonly timer: TimerId;
}

/** Leases that expire by timers, and that write down whatever timers must never do. */
export class Leases extends StateMachine {
  readonly held = new Map<string, Held>();
  readonly wrong: string[] = [];
  expired = 0;
  private lastFence = 0;
  private lastMs = 0;

  @cmd acquire(name: string, ttlMs: number): number {
    this.look();
    if (this.held.has(name)) return 0;
    this.hold(name, ++this.lastFence, ttlMs);
    return this.lastFence;
  }

  @cmd renew(name: string, fence: number, ttlMs: number): boolean {
    this.look();
    const lease = this.held.get(name);
    if (lease?.fence !== fence) return false;
    if (!this.cancel(lease.timer)) this.wrong.push(`the timer of ${name} was not there to be cancelled`);
    this.hold(name, fence, ttlMs);
    return true;
  }

  @cmd release(name: string, fence: number): boolean {
    this.look();
    const lease = this.held.get(name);
    if (lease?.fence !== fence) return false;
    if (!this.cancel(lease.timer)) this.wrong.push(`the timer of ${name} was not there to be cancelled`);
    return this.held.delete(name);
  }

  @cmd expire(name: string, fence: number): void {
    const { session, time } = this.context;
    const lease = this.held.get(name);
    if (session !== undefined) this.wrong.push('a client ran what timers run');
    if (lease?.fence !== fence)
      this.wrong.push(`${name} with ${fence} expired twice, or after it was given back`);
    if (lease && time < lease.dueMs) this.wrong.push(`${name} expired ${lease.dueMs - time} ms early`);
    this.held.delete(name);
    this.expired += 1;
  }

  @qry count(): number {
    return this.held.size;
  }

  private hold(name: string, fence: number, ttlMs: number): void {
    const timer = this.schedule(ttlMs, 'expire', name, fence);
    this.held.set(name, { fence, dueMs: this.context.time + ttlMs, timer });
  }

  /** What no command of a client may ever meet. */
  private look(): void {
    const { time } = this.context;
    if (time < this.lastMs) this.wrong.push(`time went back from ${this.lastMs} to ${time}`);
    this.lastMs = time;
    for (const [name, { dueMs }] of this.held) {
      if (dueMs <= time) this.wrong.push(`${name} is held ${time - dueMs} ms after its time`);
    }
  }
}

const [text, number] = [{ kind: 'string' }, { kind: 'number' }] as const;
const OPERATIONS = [
  { name: 'acquire', kind: 'cmd', parameters: [text, number], result: number },
  { name: 'renew', kind: 'cmd', parameters: [text, number, number], result: { kind: 'boolean' } },
  { name: 'release', kind: 'cmd', parameters: [text, number], result: { kind: 'boolean' } },
  { name: 'expire', kind: 'cmd', parameters: [text, number], result: { kind: 'void' } },
  { name: 'count', kind: 'qry', parameters: [], result: number },
] as const;
defineOperations(Leases, {
  format: 1,
  machine: 'Leases',
  operations: OPERATIONS.map(({ parameters, ...operation }) => ({
    ...operation,
    id: operationId(operation.name),
    parameters: parameters.map((schema, at) => ({ name: `p${at}`, schema, optional: false })),
  })),
  types: {},
});

/** Nearly as the generator writes it. */
export class LeasesClient extends MachineClient {
  static of(cluster: Cluster): LeasesClient {
    return new LeasesClient(cluster, 'leases');
  }

  acquire(name: string, ttlMs: number): Promise<number> {
    return this.command(operationId('acquire'), 'acquire', [name, ttlMs]);
  }

  renew(name: string, fence: number, ttlMs: number): Promise<boolean> {
    return this.command(operationId('renew'), 'renew', [name, fence, ttlMs]);
  }

  release(name: string, fence: number): Promise<boolean> {
    return this.command(operationId('release'), 'release', [name, fence]);
  }

  count(): Promise<number> {
    return this.query(operationId('count'), 'count', [], 'linearizable');
  }
}
