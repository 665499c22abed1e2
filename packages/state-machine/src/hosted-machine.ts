import { DecoraftError, type MachineId } from '@decoraft/protocol';
import type { AgreedTable } from './agreement.js';
import type { MachineTimers } from './machine-timers.js';
import { migrateState, resetState } from './migration.js';
import { runnableStage } from './runnable.js';
import { type Stage, stageFor } from './stages.js';

/** A class of a machine with what its commands reach. */
export interface HostedStage extends Omit<Stage, 'initial'> {
  initial: Stage['initial'];
  readonly timers: MachineTimers;
}

/** While a group has agreed on nothing, its machines are what they were before anybody could agree. */
const FIRST_VERSION = 1;

/** A machine under its name, in whatever version the group has it. */
export class HostedMachine {
  readonly id: MachineId;
  readonly name: string;
  /** The classes that it can be, oldest first. */
  readonly stages: readonly [HostedStage, ...HostedStage[]];
  #active: HostedStage;

  constructor(stages: readonly [HostedStage, ...HostedStage[]]) {
    const [oldest] = stages;
    this.id = oldest.id;
    this.name = oldest.name;
    this.stages = stages;
    this.#active = stageFor(stages, FIRST_VERSION) ?? oldest;
  }

  /** The class whose state is that of the group. */
  get active(): HostedStage {
    return this.#active;
  }

  /** The class that was registered. */
  get newest(): HostedStage {
    return this.stages.at(-1) ?? this.stages[0];
  }

  /**
   * The class for a machine as a group has it.
   *
   * @param table `undefined` where the group has agreed on nothing.
   * @throws DecoraftError `SchemaMismatch`
   */
  stageOf(table: AgreedTable | undefined): HostedStage {
    if (table) return runnableStage(this.stages, table);
    const first = stageFor(this.stages, FIRST_VERSION);
    if (first) return first;
    const { constructor } = this.newest.instance;
    const words =
      `the log holds machine ${this.name} from before its group agreed on a version, which is version 1, and this build ` +
      `has ${constructor.name} from version ${this.stages[0].oldest} on: start a build that has the older class`;
    throw new DecoraftError('SchemaMismatch', words);
  }

  /** Another class is to be what the group has, with whatever state it has. */
  become(stage: HostedStage): void {
    this.#active = stage;
  }

  /** Goes over to a later class, with the state. @throws DecoraftError as `migrateState` does; then nothing has changed. */
  switchTo(stage: HostedStage): void {
    const [from, to] = [this.stages.indexOf(this.#active), this.stages.indexOf(stage)];
    if (from === to) return;
    const passed = this.stages.slice(from, to + 1);
    migrateState(passed);
    this.#active = stage;
    for (const one of passed) if (one !== stage) resetState(one);
  }
}
