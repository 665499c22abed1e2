import type { Cluster, Unsubscribe } from '@decoraft/client';
import { createDeferred, type Deferred } from '@decoraft/base';
import type { WorkloadContext } from '@decoraft/testing';
import type { Place } from './ledger.js';
import { LedgerClient } from './ledger-client.js';
import type { LedgerCall } from './ledger-model.js';

/** Few, so that clients meet. */
const KEYS = ['a', 'b', 'c'] as const;
const COUNTERS = ['x', 'y'] as const;
/** How often a client changes to another subscription. */
const RESUBSCRIBE = 0.02;
/** How often a client that changed the text it listens to waits for the event. */
const AWAIT_EVENT = 0.3;

/** What came in at a subscription: recorded beside the calls, for the checker of events. */
export interface HeardEvent extends Place {
  readonly kind: 'heard';
  readonly subscription: string;
  readonly key: string;
}

/** That a subscription stands: every later command's events belong to it. */
export interface ListeningBegan {
  readonly kind: 'listening';
  readonly subscription: string;
  readonly key: string;
}

/** All that stands in a history of this workload. */
export type Recorded = LedgerCall | HeardEvent | ListeningBegan;

/** What one client listens to. */
interface Listening {
  readonly key: string;
  readonly stop: Unsubscribe;
  /** Commands that were heard of. */
  readonly heard: Set<string>;
  /** Who waits, by command. */
  readonly waiting: Map<string, Deferred<void>>;
  isOver: boolean;
}

const listenings = new WeakMap<Cluster, Listening>();

/** One round of a client: a call that is recorded, and now and then another subscription. */
export async function ledgerWorkload(context: WorkloadContext): Promise<void> {
  const listening = await currentListening(context);
  const command = `${context.name}/${context.round}`;
  const call = drawCall(context, command);
  const isDone = await perform(context, call);
  if (!isDone || call.kind !== 'set' || call.key !== listening.key) return;
  if (context.random() < AWAIT_EVENT) await hearOf(listening, command);
}

async function currentListening(context: WorkloadContext): Promise<Listening> {
  const { client, random } = context;
  const current = listenings.get(client);
  if (current && !current.isOver && random() >= RESUBSCRIBE) return current;
  if (current) {
    listenings.delete(client);
    await current.stop();
  }
  const listening = await listen(context);
  listenings.set(client, listening);
  return listening;
}

async function listen({ client, name, random, record, round }: WorkloadContext): Promise<Listening> {
  const key = pick(random, KEYS);
  const subscription = `${name}/${round}`;
  const heard = new Set<string>();
  const waiting = new Map<string, Deferred<void>>();
  const stop = await LedgerClient.of(client).onText(key, (place) => {
    void record({ kind: 'heard', subscription, key, ...place } satisfies HeardEvent, nothing);
    heard.add(place.command);
    waiting.get(place.command)?.resolve();
  });
  await record({ kind: 'listening', subscription, key } satisfies ListeningBegan, nothing);
  const listening: Listening = { key, stop, heard, waiting, isOver: false };
  const end = (): void => {
    listening.isOver = true;
    for (const { resolve } of waiting.values()) resolve();
  };
  stop.ended.then(end, end);
  return listening;
}

/** Until the event of an acknowledged command has come, however long: at the end of a run nobody may wait any more. */
async function hearOf({ heard, isOver, waiting }: Listening, command: string): Promise<void> {
  if (isOver || heard.has(command)) return;
  const arrival = createDeferred<void>();
  waiting.set(command, arrival);
  await arrival.promise;
}

function drawCall({ random }: WorkloadContext, command: string): LedgerCall {
  const kind = random();
  const key = pick(random, KEYS);
  const counter = pick(random, COUNTERS);
  if (kind < 0.3) return { kind: 'set', command, key, text: command };
  if (kind < 0.5) return { kind: 'text', key };
  if (kind < 0.65) return { kind: 'compare-and-set', command, key, expected: undefined, text: command };
  if (kind < 0.85) return { kind: 'add', command, counter, amount: 1 + Math.floor(random() * 9) };
  return { kind: 'count', counter };
}

/** Whether it certainly happened. */
async function perform({ client, record }: WorkloadContext, call: LedgerCall): Promise<boolean> {
  const ledger = LedgerClient.of(client);
  let isDone = false;
  const done = async <Output>(output: Promise<Output>): Promise<Output> => {
    const value = await output;
    isDone = true;
    return value;
  };
  switch (call.kind) {
    case 'set':
      await record(call, () => done(ledger.set(call.command, call.key, call.text)));
      break;
    case 'compare-and-set': {
      // What is expected is what was read a moment ago: mostly right, and wrong where others were faster.
      const expected = await record({ kind: 'text', key: call.key }, () => ledger.text(call.key));
      const attempt = { ...call, expected };
      await record(attempt, () => done(ledger.compareAndSet(call.command, call.key, expected, call.text)));
      break;
    }
    case 'text':
      await record(call, () => done(ledger.text(call.key)));
      break;
    case 'add':
      await record(call, () => done(ledger.add(call.command, call.counter, call.amount)));
      break;
    case 'count':
      await record(call, () => done(ledger.count(call.counter)));
      break;
  }
  return isDone;
}

function pick<Value>(random: () => number, values: readonly [Value, ...Value[]]): Value {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

async function nothing(): Promise<void> {
  // What is recorded has happened already.
}
