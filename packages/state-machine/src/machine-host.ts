import { assertInvariant } from '@decoraft/base';
import {
  DecoraftError,
  isReservedMachine,
  type MachineId,
  type OperationTable,
  type Proposal,
  readTable,
  type SessionId,
} from '@decoraft/protocol';
import { Agreement, type CallTable } from './agreement.js';
import { checkCall } from './check-call.js';
import type { Call, CommandPlace, Notification } from './call.js';
import type { ValueCodec } from './codec.js';
import type { CommandDiffered, Performed } from './command-guard.js';
import { CommandRunner } from './command-runner.js';
import { HostedMachine, type HostedStage } from './hosted-machine.js';
import { invoke, invokeHook } from './invoke.js';
import type { StateMachine } from './machine.js';
import { MachineTimers } from './machine-timers.js';
import { MachineViews } from './machine-views.js';
import { type DecodedMachines, decodeMachines, refuseToWait } from './machines-image.js';
import { inspectOwnMachine } from './own-machine.js';
import type { QueryGuard } from './query-guard.js';
import type { RegisteredMachine } from './registration.js';
import { refuseRetired } from './retired.js';
import { inspectStages, type Stage } from './stages.js';
import type { ReplicaImage } from './state/image.js';
import { atOnce, type GiveWay, type InPieces } from './state/in-pieces.js';
import { announceRestored, decodeMachine, installMachine, refusePromise } from './state/machine-state.js';
import { BytesSource } from './state/part-source.js';
import type { PartView } from './state/replica-view.js';
import type { Subscriptions } from './subscriptions.js';
import type { Timers } from './timers.js';
import { VersionSwitch } from './version-switch.js';

/** Hosts the machines of a group by name, checks calls to them, and dispatches. */
export class MachineHost {
  readonly #codec: ValueCodec;
  readonly #guard: QueryGuard;
  readonly #commands: CommandRunner;
  readonly #timers: Timers;
  readonly #machines = new Map<MachineId, HostedMachine>();
  readonly agreement = new Agreement();
  readonly #versions: VersionSwitch;
  /** Those of Decoraft itself, which have no state: they answer queries, and nothing else here knows of them. */
  readonly #own = new Map<MachineId, HostedStage>();
  /** Those that hear of the end of sessions, by their ids: the same order on every replica. */
  #hearing: readonly MachineId[] = [];
  /** Parts of a restored image whose machines are not registered here: kept for them, and for the next image. */
  #waiting: ReadonlyMap<MachineId, Uint8Array> = new Map();
  readonly #views = new MachineViews();

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
    this.#commands = new CommandRunner({
      codec,
      subscriptions,
      agreement: this.agreement,
      onDiffered: onCommandDiffered,
    });
    this.#timers = timers;
    this.#versions = new VersionSwitch({
      agreement: this.agreement,
      machines: this.#machines,
      beforeSwitch: (machine) => this.#views.settle(machine),
    });
  }

  /**
   * Hosts a machine; it becomes what the restored image has for it.
   *
   * @throws DecoraftError `InvalidArgument` when the class is not sound or the name's id is taken; `Corrupted` or
   * `Internal` when what the image has for it cannot be restored: then it is not registered. `Unimplemented` when
   * there is such a part and the machine's `restore()` waits: such a machine is registered before.
   */
  register(name: string, instance: StateMachine): void {
    const [oldest, ...later] = inspectStages(name, instance);
    const other = this.#machines.get(oldest.id);
    if (other || isReservedMachine(oldest.id)) {
      const holder = other ? `by ${other.name}` : 'by Decoraft itself';
      throw new DecoraftError('InvalidArgument', `the id of machine ${name} is taken ${holder}: rename one`);
    }
    const machine = new HostedMachine([this.#hosted(oldest), ...later.map((stage) => this.#hosted(stage))]);
    const table = this.agreement.of(machine.id);
    const part = this.#waiting.get(machine.id);
    const stage = (table ?? part) ? machine.stageOf(table) : machine.active;
    if (part) {
      refuseToWait(stage);
      refusePromise(name, 'restore', installMachine(stage, atOnce(decodeMachine(stage, part))));
    }
    machine.become(stage);
    this.#machines.set(machine.id, machine);
    this.#listen();
    this.#timers.hosted(machine.id);
    if (!part) return;
    this.#waiting = new Map([...this.#waiting].filter(([id]) => id !== machine.id));
    announceRestored(stage);
  }

  /**
   * Has a machine of Decoraft itself answer queries, under an id that no other machine can have. It is in no image, no
   * hash and no list, and hears of nothing.
   *
   * @throws DecoraftError `InvalidArgument` when its name has no such id, or it has anything but queries.
   */
  registerOwn(name: string, instance: StateMachine): void {
    const machine = inspectOwnMachine(name, instance);
    this.#own.set(machine.id, this.#hosted({ ...machine, oldest: 1 }));
  }

  #hosted(stage: Stage): HostedStage {
    this.#commands.bindEvents(stage);
    const agreed = (): CallTable | undefined => this.agreement.of(stage.id);
    return { ...stage, timers: new MachineTimers(stage, this.#timers, this.#codec, agreed) };
  }

  /** Who hears of the end of sessions: what nobody has agreed on is not called by anybody. */
  #listen(): void {
    const hearing = [...this.#agreed()].filter(({ active }) => active.instance.sessionEnded !== undefined);
    this.#hearing = hearing.map(({ id }) => id).toSorted((left, right) => left - right);
  }

  /** Those that may be called, and have a state: in a group that has agreed on anything, those that it has agreed on. */
  *#agreed(): Iterable<HostedMachine> {
    const { agreement } = this;
    for (const machine of this.#machines.values()) {
      if (agreement.isEmpty || agreement.of(machine.id)) yield machine;
    }
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
      for (const { active } of this.#agreed()) views.push(this.#views.open(active));
    } catch (thrown) {
      for (const view of views) view.close();
      throw thrown;
    }
    for (const [machine, state] of this.#waiting) {
      views.push({ machine, source: new BytesSource(state), close: () => undefined });
    }
    return views.toSorted((left, right) => left.machine - right.machine);
  }

  /** Writes a little ahead of what views have not read yet. Gives whether there is no more of that. */
  settleSome(): boolean {
    return this.#views.settleSome();
  }

  /** See `decodeMachines`; in replicas that wait, {@link whenInitial} was waited for. */
  decode(image: ReplicaImage): InPieces<DecodedMachines> {
    return decodeMachines(this.#machines, image);
  }

  /** Waits until it is known what every machine was when it was registered. */
  async whenInitial(): Promise<void> {
    for (const { stages } of this.#machines.values()) {
      for (const stage of stages) stage.initial = await stage.initial;
    }
  }

  /** @throws DecoraftError `Unimplemented` when one of the machines restores itself in its own time. */
  refuseToWait(): void {
    for (const { active } of this.#machines.values()) refuseToWait(active);
  }

  /** @throws DecoraftError `Internal` when a machine's own `restore()` throws, or waits. */
  install({ states, tables, waiting }: DecodedMachines): void {
    for (const { machine, part, stage } of states) {
      this.#views.settle(machine.id);
      refusePromise(machine.name, 'restore', installMachine(stage, part));
      machine.become(stage);
    }
    this.#waiting = waiting;
    this.agreement.restore(tables);
    this.#listen();
  }

  /** As {@link install}, for machines whose `restore()` waits as well; one after the other. */
  async installLater(decoded: DecodedMachines, giveWay: GiveWay): Promise<void> {
    for (const { machine, part, stage } of decoded.states) {
      this.#views.settle(machine.id);
      await installMachine(stage, part, giveWay);
      machine.become(stage);
    }
    this.install({ ...decoded, states: [] });
  }

  /** The name under which a machine is registered; `undefined` when it is not. */
  nameOf(machine: MachineId): string | undefined {
    return this.#machines.get(machine)?.name;
  }

  /** All that are registered, by the classes that were. */
  *registered(): Iterable<RegisteredMachine> {
    for (const { newest } of this.#machines.values()) yield newest;
  }

  /** All versions of all machines that this build can run. */
  *runnable(): Iterable<RegisteredMachine> {
    for (const { stages } of this.#machines.values()) yield* stages;
  }

  /** By what calls of a machine are checked: as the group has agreed on, and before, as the code says. */
  tableOf(machine: MachineId): OperationTable | undefined {
    const agreed = this.agreement.of(machine)?.agreed;
    return agreed ? readTable(agreed.table, agreed.name) : this.#machines.get(machine)?.active.table;
  }

  /** Tells all machines that they were restored. @throws DecoraftError `Internal` when one of them throws. */
  announceRestored(): void {
    for (const { active } of this.#agreed()) announceRestored(active);
  }

  /** See `VersionSwitch.agree`. */
  agree(...entry: Parameters<VersionSwitch['agree']>): ReturnType<VersionSwitch['agree']> {
    const effects = this.#versions.agree(...entry);
    this.#listen();
    return effects;
  }

  /** See `VersionSwitch.refuse`. */
  refuse(proposal: Proposal, isFresh: boolean): void {
    this.#versions.refuse(proposal, isFresh);
  }

  /**
   * A new call, before anything is logged.
   *
   * @throws DecoraftError `NotFound`, `Unimplemented`, `SchemaMismatch` or `InvalidArgument`
   */
  check(kind: 'cmd' | 'sub', call: Call): void {
    const { operation, stage } = this.#resolve(kind, call, true);
    refuseRetired(stage, operation);
    refuseRetired(stage, stage.operations.get(operation.id) ?? operation);
  }

  /** The decoded and checked arguments of a call. @throws DecoraftError as {@link check} does. */
  arguments(kind: 'cmd' | 'sub', call: Call): readonly unknown[] {
    return this.#resolve(kind, call).args;
  }

  /** Runs a command. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  command(call: Call, place: CommandPlace): { result: Uint8Array; notifications: readonly Notification[] } {
    const { args, operation, stage } = this.#resolve('cmd', call);
    return this.#run(stage, operation.name, place, (self) => {
      // A command may keep its arguments: who runs it again gets its own.
      const own = self === stage ? args : this.arguments('cmd', call);
      return this.#codec.encode(invoke(self, operation, own));
    });
  }

  /** Who is to be told of the end of a session, in this order. */
  get hearing(): readonly MachineId[] {
    return this.#hearing;
  }

  /** Tells one machine that a session has ended. @throws DecoraftError `CommandRejected` when it throws. */
  sessionEnded(id: MachineId, session: SessionId, place: CommandPlace): readonly Notification[] {
    const machine = this.#machines.get(id)?.active;
    assertInvariant(machine !== undefined, `machine ${id} hears of sessions and is not registered`);
    const run = (self: RegisteredMachine): void => invokeHook(self, 'sessionEnded', [session]);
    return this.#run(machine, 'sessionEnded', place, run).notifications;
  }

  #run<Result>(
    machine: HostedStage,
    command: string,
    place: CommandPlace,
    run: (self: RegisteredMachine) => Result,
  ): Performed<Result> {
    this.#views.settle(machine.id);
    return this.#commands.run(machine, command, place, run);
  }

  /** Runs a query. @throws DecoraftError what was wrong with the call, or `CommandRejected`. */
  query(call: Call): Uint8Array {
    const machine = this.#called(call.machine);
    const owner = machine.instance.constructor;
    const { args, operation } = checkCall('qry', machine, owner, call, this.#codec, true);
    refuseRetired(machine, operation);
    return this.#guard.run(machine, operation, () => this.#codec.encode(invoke(machine, operation, args)));
  }

  /**
   * What stands in the log is read by what the group has agreed on: replicas with other code come to the same.
   * Only where it has agreed on nothing, each goes by its own; there, what stands in the log was let in by the contract
   * of its time, of which nobody knows any more.
   */
  #resolve(kind: 'cmd' | 'sub', call: Call, isNew = false) {
    const stage = this.#called(call.machine);
    const agreed = this.agreement.of(call.machine);
    const byContract = isNew || agreed !== undefined;
    const owner = stage.instance.constructor;
    return { stage, ...checkCall(kind, agreed ?? stage, owner, call, this.#codec, byContract) };
  }

  #called(id: MachineId): HostedStage {
    const own = this.#own.get(id);
    if (own) return own;
    const machine = this.#machines.get(id);
    const isAgreed = this.agreement.isEmpty || this.agreement.of(id) !== undefined;
    if (machine && isAgreed) return machine.active;
    if (isAgreed) throw new DecoraftError('NotFound', `no machine has id ${id} on this node`);
    const words = `no machine has id ${id} in this group, or some member does not have it yet`;
    throw new DecoraftError('NotFound', words);
  }
}
