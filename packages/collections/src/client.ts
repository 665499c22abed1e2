/** # Collections for clients: the same in Node and in a browser. */
export { Barrier, type BarrierOptions, type Inside } from './barrier.js';
export type { BarrierState } from './barriers.machine.js';
export type { ConsumeOptions } from './consume.js';
export type { Data } from './data.js';
export type { Delivery, Handled, ReceiveOptions } from './delivery.js';
export type { Leader, LeaderChange } from './elections.machine.js';
export { BrokenBarrier, StaleReceipt } from './errors.js';
export { CounterClient } from './generated/counter.client.js';
export { type CampaignOptions, LeaderElection, type Leadership } from './leader-election.js';
export { type HeldLock, Lock } from './lock.js';
export type { LockHolder } from './locks.machine.js';
export type { WaitOptions } from './patience.js';
export { type EnqueueOptions, Queue } from './queue.js';
export type { Enqueued, QueueCounts } from './queue-messages.js';
export type { QueueSettings } from './queue-state.js';
export { type AcquireOptions, type HeldPermits, Semaphore, type SemaphoreOptions } from './semaphore.js';
export type { SemaphoreState } from './semaphores.machine.js';
export { ValueClient, type ValueState } from './value.js';
