import { assertInvariant } from '@decoraft/base';
import {
  checkArguments,
  DecoraftError,
  isReservedMachine,
  type MachineId,
  type OperationKind,
  type SessionId,
} from '@decoraft/protocol';
import type { Call, CommandPlace, Notification } from './call.js';
import type { ValueCodec } from './codec.js';
import type { CommandDiffered, Performed } from './command-guard.js';
import { CommandRunner } from './command-runner.js';
import { invoke, invokeHook } from './invoke.js';
import type { StateMachine } from './machine.js';
import { MachineTimers } from './machine-timers.js';
import { inspectOwnMachine } from './own-machine.js';
import type { QueryGuard } from './query-guard.js';
import { inspectMachine, type RegisteredMachine } from './registration.js';
import { refuseRetired } from './retired.js';
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
import type { Subscriptions } from './subscriptions.js';
import type { Timers } from './timers.js';

interface HostedMachine extends RegisteredMachine {
  readonly timers: MachineTimers;
}

/** What is in the states of an image: all was decoded, nothing is installed yet. */
export interface DecodedMachines {
  readonly states: readonly { readonly machine: RegisteredMachine; readonly part: DecodedPart }[];
  readonly waiting: ReadonlyMap<MachineId, Uint8Array>;
}

/** Hosts the machines of a group by name, checks calls to them, and dispatches. */
export class MachineHost {
  readonly #codec: ValueCodec;
  readonly #guard: QueryGuard;
  readonly #commands: CommandRunner;
  readonly #timers: Timers;
  readonly #machines = new Map<MachineId, HostedMachine>();
  /** Those of Decoraft itself, which have no state: they answer queries, and nothing else here knows of them. */
  readonly #own = new Map<MachineId, HostedMachine>();
  /** Those that hear of the end of sessions, by their ids: the same order on every replica. */
  #hearing: readonly MachineId[] = [];
  /** Parts of a restored image whose machines are not registered here: kept for them, and for the next image. */
  #waiting: ReadonlyMap<MachineId, Uint8Array> = new Map();
  /** Views of machines that are not read to their end; they see what was there before the next command. */
  readonly #views = new Map<MachineId, Set<PartView>>();

  /**
   * @param subscriptions Asked, never changed: an event that nobody waits for is not even encoded.
   * @param timers What commands schedule and cancel.
   * @param onCommandDiffered Has commands run twice, where they can, and is told of those that differ.
   */
  constructor(
    codec: ValueCodec,
    subscriptions: Subscriptions,
    timers: Timers,
    guard: QueryGuard,
    onCommandDiffered?: (differed: CommandDiffered) => void,
  ) {
    this.#codec = codec;
    this.#guard = guard;
    this.#commands = new CommandRunner(codec, subscriptions, onCommandDiffered);
    this.#timers = timers;
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
    if (other || isReservedMachine(machine.id)) {
      const holder = other ? `by ${other.name}` : 'by Decoraft itself';
      throw new DecoraftError('InvalidArgument', `the id of machine ${name} is taken ${holder}: rename one`);
    }
    this.#commands.bindEvents(machine);
    const part = this.#waiting.get(machine.id);
    if (part) {
      refuseToWait(machine);
      refusePromise(name, 'restore', installMachine(machine, atOnce(decodeMachine(machine, part))));
    }
    this.#machines.set(machine.id, this.#hosted(machine));
    if (instance.sessionEnded) {
      this.#hearing = [...this.#hearing, machine.id].toSorted((left, right) => left - right);
    }
    this.#timers.hosted(machine.id);
    if (!part) return;
    this.#waiting = new Map([...this.#waiting].filter(([id]) => id !== machine.id));
    announceRestored(machine);
  }

  /**
   * Has a machine of Decoraft itself answer queries, under an id that no other machine can have. It is in no image, no
   * hash and no list, and hears of nothing.
   *
   * @throws DecoraftError `InvalidArgument` when its name has no such id, or it has anything but queries.
   */
  registerOwn(name: string, instance: StateMachine): void {
    const machine = inspectOwnMachine(name, instance);
    this.#own.set(machine.id, this.#hosted(machine));
  }

  #hosted(machine: RegisteredMachine): HostedMachine {
    return { ...machine, timers: new MachineTimers(machine, this.#timers, this.#codec) };
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

  /** A new call, before anything is logged. @throws DecoraftError `NotFound`, `Unimplemented` or `InvalidArgument`. */
  check(kind: OperationKind, call: Call): void {
    const { machine, operation } = this.#resolve(kind, call);
    refuseRetired(machine, operation);
  }

  /** The decoded and checked arguments of a call. @throws DecoraftError as {@link check} does. */
  arguments(kind: OperationKind, call: Call): readonly unknown[] {
    return this.#resolve(kind, call).args;
  }

  /** Runs a command. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  command(call: Call, place: CommandPlace): { result: Uint8Array; notifications: readonly Notification[] } {
    const { machine, operation, args } = this.#resolve('cmd', call);
    return this.#run(machine, operation.name, place, (self) => {
      // A command may keep its arguments: who runs it again gets its own.
      const own = self === machine ? args : this.arguments('cmd', call);
      return this.#codec.encode(invoke(self, operation, own));
    });
  }

  /** Who is to be told of the end of a session, in this order. */
  get hearing(): readonly MachineId[] {
    return this.#hearing;
  }

  /** Tells one machine that a session has ended. @throws DecoraftError `CommandRejected` when it throws. */
  sessionEnded(id: MachineId, session: SessionId, place: CommandPlace): readonly Notification[] {
    const machine = this.#machines.get(id);
    assertInvariant(machine !== undefined, `machine ${id} hears of sessions and is not registered`);
    const run = (self: RegisteredMachine): void => invokeHook(self, 'sessionEnded', [session]);
    return this.#run(machine, 'sessionEnded', place, run).notifications;
  }

  #run<Result>(
    machine: HostedMachine,
    command: string,
    place: CommandPlace,
    run: (self: RegisteredMachine) => Result,
  ): Performed<Result> {
    this.#settleViews(machine.id);
    return this.#commands.run(machine, command, place, run);
  }

  /** Runs a query. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  query(call: Call): Uint8Array {
    const { machine, operation, args } = this.#resolve('qry', call);
    refuseRetired(machine, operation);
    return this.#guard.run(machine, operation, () => this.#codec.encode(invoke(machine, operation, args)));
  }

  #resolve(kind: OperationKind, call: Call) {
    const machine = this.#machines.get(call.machine) ?? this.#own.get(call.machine);
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
