import { stableHash } from '@decoraft/base';
import { type CallOptions, type Cluster, MachineClient, type Unsubscribe } from '@decoraft/client';
import type { OperationId } from '@decoraft/protocol';
import { cmd, defineOperations, event, qry, StateMachine, sub } from '@decoraft/state-machine';

const REMEMBERED = 24;
const idOf = (name: string): OperationId => stableHash(name) as OperationId;

/** What a command did: everything that must be the same on every replica goes into it. */
export interface Effect {
  /** How many commands the machine has executed. */
  readonly version: number;
  readonly index: number;
  /** The value before the command; `null` where there was none. */
  readonly before: string | null;
}

export interface Seen {
  readonly version: number;
  readonly value: string | null;
}

/** `number` grows by one from event to event. */
export interface Told {
  readonly number: number;
  readonly index: number;
}

/**
 * A map from text to text that keeps books: which command of whom had its effect, when, by what chance, and how many
 * events it told. What goes wrong below it shows in one of its fields.
 */
export class Ledger extends StateMachine {
  private values: Record<string, string> = {};
  /** The numbers of the commands of each client, in the order of their effects. */
  private effects: Record<string, number[]> = {};
  private version = 0;
  private told = 0;
  chance = 0;
  private latestTime = 0;
  private timeWentBack = 0;

  @sub onPut = event<() => Told>();

  /** Two events a command: both arrive, or neither. */
  @cmd put(client: string, number: number, key: string, value: string): Effect {
    const before = this.values[key] ?? null;
    // What is told is remembered in short: some commands are large, to travel one by one.
    this.values[key] = value.slice(0, REMEMBERED);
    this.note(client, number);
    for (let count = 0; count < 2; count++) {
      this.told += 1;
      this.onPut().notify({ number: this.told, index: this.context.index });
    }
    return { version: this.version, index: this.context.index, before };
  }

  /** Throws, always the same: a refusal is an answer, and an effect as well. */
  @cmd refuse(client: string, number: number): never {
    this.note(client, number);
    throw new RangeError(`command ${number} of ${client} is refused`);
  }

  @qry get(key: string): Seen {
    return { version: this.version, value: this.values[key] ?? null };
  }

  @qry toldSoFar(): number {
    return this.told;
  }

  private note(client: string, number: number): void {
    this.version += 1;
    (this.effects[client] ??= []).push(number);
    this.chance = Math.floor(this.context.random() * 1_000_000);
    if (this.context.time < this.latestTime) this.timeWentBack += 1;
    this.latestTime = this.context.time;
  }
}

/** What the checks read of a ledger; private to everybody else. */
export interface LedgerState {
  readonly effects: Readonly<Record<string, readonly number[]>>;
  readonly timeWentBack: number;
  readonly told: number;
}

const TEXT = { kind: 'string' } as const;
const NUMBER = { kind: 'number' } as const;
const ANYTHING = { kind: 'unknown' } as const;
const parameter = (name: string, schema: typeof TEXT | typeof NUMBER) => ({ name, schema, optional: false });

defineOperations(Ledger, {
  format: 1,
  machine: 'Ledger',
  operations: [
    {
      id: idOf('put'),
      name: 'put',
      kind: 'cmd',
      parameters: [
        parameter('client', TEXT),
        parameter('number', NUMBER),
        parameter('key', TEXT),
        parameter('value', TEXT),
      ],
      result: ANYTHING,
    },
    {
      id: idOf('refuse'),
      name: 'refuse',
      kind: 'cmd',
      parameters: [parameter('client', TEXT), parameter('number', NUMBER)],
      result: ANYTHING,
    },
    { id: idOf('get'), name: 'get', kind: 'qry', parameters: [parameter('key', TEXT)], result: ANYTHING },
    { id: idOf('toldSoFar'), name: 'toldSoFar', kind: 'qry', parameters: [], result: NUMBER },
    { id: idOf('onPut'), name: 'onPut', kind: 'sub', parameters: [], result: ANYTHING },
  ],
  types: {},
});

/** Nearly as the generator writes it. */
export class LedgerClient extends MachineClient {
  constructor(cluster: Cluster, options: CallOptions) {
    super(cluster, 'ledger', options);
  }

  put(client: string, number: number, key: string, value: string): Promise<Effect> {
    return this.command(idOf('put'), 'put', [client, number, key, value]);
  }

  refuse(client: string, number: number): Promise<never> {
    return this.command(idOf('refuse'), 'refuse', [client, number]);
  }

  get(key: string, consistency: 'linearizable' | 'lease' | 'session'): Promise<Seen> {
    return this.query(idOf('get'), 'get', [key], consistency);
  }

  toldSoFar(): Promise<number> {
    return this.query(idOf('toldSoFar'), 'toldSoFar', [], 'linearizable');
  }

  onPut(listener: (told: Told) => void): Promise<Unsubscribe> {
    return this.subscribe<Told>(idOf('onPut'), 'onPut', [], listener) as Promise<Unsubscribe>;
  }
}
