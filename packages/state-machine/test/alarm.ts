import {
  encodeProposal,
  type Outcome,
  type Proposal,
  type SessionId,
  stampProposal,
  type TimerId,
} from '@decoraft/protocol';
import { type Applied, cmd, defineOperations, event, qry, Replica, StateMachine, sub } from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

/** What a command saw of its context. */
export interface Rung {
  readonly name: string;
  readonly index: number;
  readonly term: number;
  readonly time: number;
  readonly isTimer: boolean;
  readonly chance: number;
}

/** A machine all of whose commands can be scheduled, and that writes down what has run. */
export class Alarm extends StateMachine {
  readonly rung: Rung[] = [];
  readonly set: TimerId[] = [];

  @sub onRung = event<(name: string) => string>();

  @cmd setFor(delayMs: number, name: string): number {
    const timer = this.schedule(delayMs, 'ring', name);
    this.set.push(timer);
    return timer;
  }

  @cmd setAny(delayMs: unknown, method: string, args: readonly unknown[]): number {
    const schedule = (this as unknown as { schedule(...given: unknown[]): TimerId }).schedule.bind(this);
    return schedule(delayMs, method, ...args);
  }

  @cmd setAll(delayMs: number, names: string[]): void {
    this.schedule(delayMs, 'ringAll', names);
    names.push('too late');
  }

  @cmd ringAll(names: string[]): void {
    for (const name of names) this.ring(name);
    names.push('its own');
  }

  @cmd unset(timer: number): boolean {
    return this.cancel(timer as TimerId);
  }

  @cmd ring(name: string): void {
    const { index, random, session, term, time } = this.context;
    this.rung.push({ name, index, term, time, isTimer: session === undefined, chance: random() });
    this.onRung('any').notify(name);
    this.onRung(name).notify(name);
  }

  /** Rings so often, each time a little later, by timers that set the next. */
  @cmd again(times: number, delayMs: number): void {
    this.ring(`again ${times}`);
    if (times > 1) this.schedule(delayMs, 'again', times - 1, delayMs);
  }

  @cmd hush(timer: number): void {
    this.ring(`hush ${timer}`);
    this.cancel(timer as TimerId);
  }

  @cmd setAndFail(delayMs: number, words: string): never {
    this.setFor(delayMs, 'set before the failure');
    this.onRung('any').notify('never delivered');
    throw new Error(words);
  }

  @qry heard(): readonly Rung[] {
    return this.rung;
  }

  @qry peek(): void {
    this.schedule(1, 'ring', 'from a query');
  }

  @qry silence(): boolean {
    return this.cancel(1 as TimerId);
  }
}
const [text, number, any] = [{ kind: 'string' }, { kind: 'number' }, { kind: 'unknown' }] as const;
const texts = { kind: 'array', element: text } as const;
defineOperations(
  Alarm,
  tableOf('Alarm', {
    onRung: ['sub', text],
    setFor: ['cmd', number, text],
    setAny: ['cmd', any, text, { kind: 'array', element: any }],
    setAll: ['cmd', number, texts],
    ringAll: ['cmd', texts],
    unset: ['cmd', number],
    ring: ['cmd', text],
    again: ['cmd', number, number],
    hush: ['cmd', number],
    setAndFail: ['cmd', number, text],
    heard: ['qry'],
    peek: ['qry'],
    silence: ['qry'],
  }),
);

export function alarmReplica(...names: readonly string[]): Replica {
  const replica = new Replica(jsonCodec);
  for (const name of names.length > 0 ? names : ['alarm']) replica.register(name, new Alarm());
  return replica;
}

export const valueOf = (outcome: Outcome): unknown =>
  outcome.kind === 'value' ? jsonCodec.decode(outcome.value) : `${outcome.code}: ${outcome.message}`;

/** One log that is applied to all of its replicas as it is written, with a session to begin with. */
export class AlarmLog {
  readonly session = 1 as SessionId;
  readonly replicas: [Replica, ...Replica[]];
  #index = 0;
  #sequence = 0;
  #time = 1_000;

  constructor(first = alarmReplica(), ...others: readonly Replica[]) {
    this.replicas = [first, ...others];
    this.append({ kind: 'open-session', timeoutMs: 5_000 });
  }

  /** What the first replica made of it. */
  append(proposal: Proposal): Applied {
    const data = stampProposal(this.#time, encodeProposal(proposal));
    this.#index += 1;
    const entry = { index: this.#index, term: 3, data };
    const [first, ...others] = this.replicas;
    const applied = first.apply(entry);
    for (const other of others) other.apply(entry);
    return applied;
  }

  /** The entries from now on have this time. */
  at(time: number): this {
    this.#time = time;
    return this;
  }

  /** Only time passes. */
  pass(time: number): Applied {
    return this.at(time).append({ kind: 'advance-time' });
  }

  command(operation: string, ...args: unknown[]): Applied {
    return this.commandOf('alarm', operation, ...args);
  }

  commandOf(machine: string, operation: string, ...args: unknown[]): Applied {
    const origin = { session: this.session, sequence: ++this.#sequence, acknowledged: 0 };
    return this.append({ kind: 'command', origin, ...call(machine, operation, ...args) });
  }

  subscribe(name: string): number {
    const origin = { session: this.session, sequence: ++this.#sequence, acknowledged: 0 };
    return this.append({ kind: 'subscribe', origin, ...call('alarm', 'onRung', name) }).index;
  }

  rung(replica = this.replicas[0], machine = 'alarm'): readonly Rung[] {
    const request = { consistency: 'local', minIndex: 0, ...call(machine, 'heard') } as const;
    return valueOf(replica.query(request)) as readonly Rung[];
  }

  names(replica?: Replica): readonly string[] {
    return this.rung(replica).map(({ name }) => name);
  }
}
