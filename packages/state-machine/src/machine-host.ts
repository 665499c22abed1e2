import { messageOf, seededRandom } from '@decoraft/base';
import {
  checkArguments,
  CONFIGURATION_MACHINE,
  DecoraftError,
  type MachineId,
  MASTER_MACHINE,
  type Operation,
  type OperationId,
  type OperationKind,
  type SessionId,
} from '@decoraft/protocol';
import type { ValueCodec } from './codec.js';
import { bindEvent } from './event.js';
import { type StateMachine, withContext } from './machine.js';
import { inspectMachine, type RegisteredMachine } from './registration.js';
import type { MachinePart } from './state/image.js';
import { atOnce, type GiveWay, type InPieces } from './state/in-pieces.js';
import {
  announceRestored,
  decodeMachine,
  decodePart,
  type DecodedPart,
  installMachine,
  openMachine,
  refusePromise,
  restoresLater,
} from './state/machine-state.js';
import { BytesSource } from './state/part-source.js';
import type { PartView } from './state/replica-view.js';
import { subscriptionKey, type Subscriptions } from './subscriptions.js';

/** A call as it came over the wire or stands in the log. */
export interface Call {
  readonly machine: MachineId;
  readonly operation: OperationId;
  /** Positional arguments, encoded. */
  readonly args: Uint8Array;
}

/** Where and when a command runs. */
export interface CommandPlace {
  readonly index: number;
  readonly term: number;
  readonly time: number;
  readonly session: SessionId;
}

/** What a command notified. */
export interface Notification {
  readonly key: string;
  readonly ordinal: number;
  readonly value: Uint8Array;
}

type Method = (...args: readonly unknown[]) => unknown;

/** What is in the states of an image: all was decoded, nothing is installed yet. */
export interface DecodedMachines {
  readonly states: readonly { readonly machine: RegisteredMachine; readonly part: DecodedPart }[];
  readonly waiting: ReadonlyMap<MachineId, Uint8Array>;
}

/** Hosts the machines of a group by name, checks calls to them, and dispatches. */
export class MachineHost {
  readonly #codec: ValueCodec;
  readonly #subscriptions: Subscriptions;
  readonly #machines = new Map<MachineId, RegisteredMachine>();
  /** Parts of a restored image whose machines are not registered here: kept for them, and for the next image. */
  #waiting: ReadonlyMap<MachineId, Uint8Array> = new Map();
  /** Views of machines that are not read to their end; they see what was there before the next command. */
  readonly #views = new Map<MachineId, Set<PartView>>();
  /** What the running command has notified; `undefined` while none runs. */
  #running: { readonly notifications: Notification[]; notified: number } | undefined;

  /** @param subscriptions Asked, never changed: an event that nobody waits for is not even encoded. */
  constructor(codec: ValueCodec, subscriptions: Subscriptions) {
    this.#codec = codec;
    this.#subscriptions = subscriptions;
  }

  /**
   * Hosts a machine; it becomes what the restored image has for it.
   *
   * @throws DecoraftError `InvalidArgument` when the class is not sound or the name's id is taken; `Corrupted` or
   * `Internal` when what the image has for it cannot be restored: then it is not registered. `Unimplemented` when
   * there is such a part and the machine's `restore()` waits: such a machine is registered before.
   */
  register(name: string, instance: StateMachine): void {
    const machine = inspectMachine(name, instance);
    const other = this.#machines.get(machine.id);
    if (other || machine.id === MASTER_MACHINE || machine.id === CONFIGURATION_MACHINE) {
      const holder = other ? `by ${other.name}` : 'by Decoraft itself';
      throw new DecoraftError('InvalidArgument', `the id of machine ${name} is taken ${holder}: rename one`);
    }
    for (const operation of machine.operations.values()) {
      if (operation.kind === 'sub') this.#bind(machine, operation);
    }
    const part = this.#waiting.get(machine.id);
    if (part) {
      refuseToWait(machine);
      refusePromise(name, 'restore', installMachine(machine, atOnce(decodeMachine(machine, part))));
    }
    this.#machines.set(machine.id, machine);
    if (!part) return;
    this.#waiting = new Map([...this.#waiting].filter(([id]) => id !== machine.id));
    announceRestored(machine);
  }

  /**
   * The states of all machines as they are now, by the ids of the machines, whatever commands come afterwards. Each
   * view is to be closed.
   *
   * @throws DecoraftError as `openMachine` does.
   */
  view(): readonly PartView[] {
    const views: PartView[] = [];
    try {
      for (const machine of this.#machines.values()) views.push(this.#viewOf(machine));
    } catch (thrown) {
      for (const view of views) view.close();
      throw thrown;
    }
    for (const [machine, state] of this.#waiting) {
      views.push({ machine, source: new BytesSource(state), close: () => undefined });
    }
    return views.toSorted((left, right) => left.machine - right.machine);
  }

  #viewOf(machine: RegisteredMachine): PartView {
    const source = openMachine(machine);
    const views = this.#views.get(machine.id) ?? new Set();
    const view: PartView = {
      machine: machine.id,
      source,
      close: () => {
        source.close();
        views.delete(view);
      },
    };
    this.#views.set(machine.id, views.add(view));
    return view;
  }

  /** To be called before a machine is changed. */
  #settleViews(machine: MachineId): void {
    const views = this.#views.get(machine);
    if (!views || views.size === 0) return;
    for (const { source } of views) source.settle();
    views.clear();
  }

  /** Writes a little ahead of what views have not read yet. Gives whether there is no more of that. */
  settleSome(): boolean {
    for (const views of this.#views.values()) {
      for (const view of views) {
        if (!view.source.settleSome()) return false;
        views.delete(view);
      }
    }
    return true;
  }

  /**
   * Reads the parts of an image for the machines that are registered; one without a part is as it was registered.
   *
   * @throws DecoraftError `Corrupted` that names the machine; `Unimplemented` when there is no part for a machine whose
   * `snapshot()` waits, unless {@link whenInitial} was waited for.
   */
  *decode(parts: readonly MachinePart[]): InPieces<DecodedMachines> {
    const byMachine = new Map(parts.map(({ machine, state }) => [machine, state]));
    const states: DecodedMachines['states'][number][] = [];
    for (const machine of this.#machines.values()) {
      const bytes = byMachine.get(machine.id) ?? initialOf(machine);
      states.push({ machine, part: yield* decodeMachine(machine, bytes) });
    }
    const unknown = parts.filter(({ machine }) => !this.#machines.has(machine));
    // What cannot be read is found now, and not when its machine is registered.
    for (const { machine, state } of unknown) yield* decodePart(state, `the machine with id ${machine}`);
    return { states, waiting: new Map(unknown.map(({ machine, state }) => [machine, state.slice()])) };
  }

  /** Waits until it is known what every machine was when it was registered. */
  async whenInitial(): Promise<void> {
    for (const machine of this.#machines.values()) {
      const initial = await machine.initial;
      this.#machines.set(machine.id, { ...machine, initial });
    }
  }

  /** @throws DecoraftError `Unimplemented` when one of the machines restores itself in its own time. */
  refuseToWait(): void {
    for (const machine of this.#machines.values()) refuseToWait(machine);
  }

  /** @throws DecoraftError `Internal` when a machine's own `restore()` throws, or waits. */
  install({ states, waiting }: DecodedMachines): void {
    for (const { machine, part } of states) {
      this.#settleViews(machine.id);
      refusePromise(machine.name, 'restore', installMachine(machine, part));
    }
    this.#waiting = waiting;
  }

  /** As {@link install}, for machines whose `restore()` waits as well; one after the other. */
  async installLater({ states, waiting }: DecodedMachines, giveWay: GiveWay): Promise<void> {
    for (const { machine, part } of states) {
      this.#settleViews(machine.id);
      await installMachine(machine, part, giveWay);
    }
    this.#waiting = waiting;
  }

  /** The name under which a machine is registered; `undefined` when it is not. */
  nameOf(machine: MachineId): string | undefined {
    return this.#machines.get(machine)?.name;
  }

  /** All that are registered. */
  registered(): Iterable<RegisteredMachine> {
    return this.#machines.values();
  }

  /** Tells all machines that they were restored. @throws DecoraftError `Internal` when one of them throws. */
  announceRestored(): void {
    for (const machine of this.#machines.values()) announceRestored(machine);
  }

  /** @throws DecoraftError `NotFound`, `Unimplemented` or `InvalidArgument`, before anything is logged. */
  check(kind: OperationKind, call: Call): void {
    this.arguments(kind, call);
  }

  /** The decoded and checked arguments of a call. @throws DecoraftError as {@link check} does. */
  arguments(kind: OperationKind, call: Call): readonly unknown[] {
    return this.#resolve(kind, call).args;
  }

  /** Runs a command. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  command(call: Call, place: CommandPlace): { result: Uint8Array; notifications: readonly Notification[] } {
    const { machine, operation, args } = this.#resolve('cmd', call);
    this.#settleViews(machine.id);
    const context = {
      ...place,
      random: seededRandom(place.index * 31 + place.term),
    };
    const notifications: Notification[] = [];
    this.#running = { notifications, notified: 0 };
    try {
      const result = withContext(machine.instance, context, () => invoke(machine, operation, args));
      return { result: this.#encodeResult(machine, operation, result), notifications };
    } finally {
      this.#running = undefined;
    }
  }

  /** Runs a query. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  query(call: Call): Uint8Array {
    const { machine, operation, args } = this.#resolve('qry', call);
    return this.#encodeResult(machine, operation, invoke(machine, operation, args));
  }

  #resolve(kind: OperationKind, call: Call) {
    const machine = this.#machines.get(call.machine);
    if (!machine) throw new DecoraftError('NotFound', `no machine has id ${call.machine} on this node`);
    const operation = machine.operations.get(call.operation);
    if (!operation || operation.kind !== kind) {
      throw new DecoraftError(
        'Unimplemented',
        `machine ${machine.name} has no @${kind} with id ${call.operation}`,
      );
    }
    const args = this.#codec.decode(call.args);
    checkArguments(operation, machine.types, args, `${machine.name}.${operation.name}`);
    return { machine, operation, args };
  }

  #bind(machine: RegisteredMachine, operation: Operation): void {
    const where = `${machine.name}.${operation.name}`;
    const id = operation.id as OperationId;
    bindEvent(memberOf(machine, operation), (parameters, value) => {
      if (!this.#running)
        throw new DecoraftError('InvalidArgument', `${where} was notified outside of a command`);
      const ordinal = this.#running.notified++;
      const notification = this.#subscriptions.ifHeard(machine.id, id, () => {
        const key = subscriptionKey(machine.id, id, parameters);
        return { key, ordinal, value: this.#codec.encode(value) };
      });
      if (notification) this.#running.notifications.push(notification);
    });
  }

  #encodeResult(machine: RegisteredMachine, operation: Operation, result: unknown): Uint8Array {
    if (isThenable(result)) {
      throw new DecoraftError(
        'CommandRejected',
        `${machine.name}.${operation.name} returned a promise: a @${operation.kind} must be synchronous`,
      );
    }
    return this.#codec.encode(result);
  }
}

function refuseToWait(machine: RegisteredMachine): void {
  if (!restoresLater(machine)) return;
  const words = `${machine.name}.restore() waits: a replica with it is restored from a stream, by restoreFrom()`;
  throw new DecoraftError('Unimplemented', words);
}

function initialOf({ initial, name }: RegisteredMachine): Uint8Array {
  if (initial instanceof Uint8Array) return initial;
  const words = `${name}.snapshot() waits, and the image has nothing for it: use restoreFrom()`;
  throw new DecoraftError('Unimplemented', words);
}

function memberOf({ instance }: RegisteredMachine, { name }: Operation): unknown {
  return (instance as unknown as Record<string, unknown>)[name];
}

/** What the user's method throws becomes an error with the user's words, code and data. */
function invoke(machine: RegisteredMachine, operation: Operation, args: readonly unknown[]): unknown {
  try {
    return (memberOf(machine, operation) as Method).apply(machine.instance, args as unknown[]);
  } catch (thrown) {
    const where = `${machine.name}.${operation.name}`;
    throw new DecoraftError('CommandRejected', `${where}: ${messageOf(thrown)}`, {
      cause: thrown,
      data: dataOf(thrown),
    });
  }
}

/** The parts of a thrown error that the caller may read: its message, and `code` and `data` where it has them. */
function dataOf(thrown: unknown): Readonly<Record<string, unknown>> {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { code, data } = thrown as { code?: unknown; data?: unknown };
  return {
    message: thrown.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
