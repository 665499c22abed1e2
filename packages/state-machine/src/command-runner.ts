import { seededRandom } from '@decoraft/base';
import { DecoraftError, type Operation, type OperationId } from '@decoraft/protocol';
import type { Agreement } from './agreement.js';
import type { CommandPlace, Notification } from './call.js';
import type { ValueCodec } from './codec.js';
import {
  type CommandDiffered,
  type CommandGuard,
  type CommandRun,
  type Performed,
  RepeatedCommands,
  unrepeated,
} from './command-guard.js';
import { bindEvent } from './event.js';
import { memberOf } from './invoke.js';
import { type TimersOfMachine, withContext } from './machine.js';
import type { RegisteredMachine } from './registration.js';
import { subscriptionKey, type Subscriptions } from './subscriptions.js';

export interface CommandRunnerOptions {
  readonly codec: ValueCodec;
  /** Asked, never changed: an event that nobody waits for is not even encoded. */
  readonly subscriptions: Subscriptions;
  /** Asked, never changed. */
  readonly agreement: Agreement;
  /** Has commands run twice, where they can, and is told of those that differ. */
  readonly onDiffered: ((differed: CommandDiffered) => void) | undefined;
}

/** Runs commands of machines with their context, and hears what they notify meanwhile. */
export class CommandRunner {
  readonly #codec: ValueCodec;
  readonly #subscriptions: Subscriptions;
  readonly #agreement: Agreement;
  readonly #guard: CommandGuard;
  /** What the running command has notified; `undefined` while none runs. */
  #running:
    | (Pick<CommandRun, 'onNotified'> & {
        readonly notifications: Notification[];
        readonly ordinals: { next: number };
      })
    | undefined;

  constructor({ agreement, codec, onDiffered, subscriptions }: CommandRunnerOptions) {
    this.#agreement = agreement;
    this.#codec = codec;
    this.#subscriptions = subscriptions;
    this.#guard = onDiffered
      ? new RepeatedCommands(codec, onDiffered, (second) => this.bindEvents(second))
      : unrepeated;
  }

  /** From now on, what the events of a machine notify is heard here. */
  bindEvents(machine: RegisteredMachine): void {
    for (const operation of machine.operations.values()) {
      if (operation.kind === 'sub') this.#bind(machine, operation);
    }
  }

  /** @param perform Runs it on the machine that it is given, and may be called more than once. */
  run<Result>(
    machine: RegisteredMachine & { readonly timers: TimersOfMachine },
    command: string,
    place: CommandPlace,
    perform: (self: RegisteredMachine) => Result,
  ): Performed<Result> {
    const run = { machine, timers: machine.timers, place };
    return this.#guard.run(command, run, (one) => this.#perform(one, perform));
  }

  #perform<Result>(
    { machine, onNotified, place, timers }: CommandRun,
    perform: (self: RegisteredMachine) => Result,
  ): Performed<Result> {
    const { index, ordinals, seed, session, term, time } = place;
    const version = this.#agreement.of(machine.id)?.agreed.version ?? 1;
    const context = { index, term, time, version, session, random: seededRandom(seed) };
    const notifications: Notification[] = [];
    this.#running = { notifications, ordinals, ...(onNotified && { onNotified }) };
    try {
      const result = withContext(machine.instance, { context, timers }, () => perform(machine));
      return { result, notifications };
    } finally {
      this.#running = undefined;
    }
  }

  #bind(machine: RegisteredMachine, operation: Operation): void {
    const where = `${machine.name}.${operation.name}`;
    const id = operation.id as OperationId;
    bindEvent(memberOf(machine, operation), (parameters, value) => {
      if (!this.#running)
        throw new DecoraftError('InvalidArgument', `${where} was notified outside of a command`);
      // Replicas that do not have it yet count no event.
      if (this.#agreement.of(machine.id)?.operations.has(id) === false) return;
      this.#running.onNotified?.(operation.name, parameters, value);
      const ordinal = this.#running.ordinals.next++;
      const notification = this.#subscriptions.ifHeard(machine.id, id, () => {
        const key = subscriptionKey(machine.id, id, parameters);
        return { key, ordinal, value: this.#codec.encode(value) };
      });
      if (notification) this.#running.notifications.push(notification);
    });
  }
}
