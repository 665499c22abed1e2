import type { Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import { assembleNode, type DecoraftNode, type JoinOptions, type RaftService } from '@decoraft/server';
import type { StateMachine } from '@decoraft/state-machine';
import { durableStorage } from '@decoraft/storage';
import type { Machines } from './options.js';
import { MachineClock } from './machine-clock.js';
import { NodeDisk } from './node-disk.js';
import { integerBetween, type Randomness } from './randomness.js';
import { commandDiffered } from './repeatable-commands.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** Two machines never agree on the time to this. */
const CLOCK_SKEW_MS = 2_000;
/** Small, so that a run goes through many. */
const SEGMENT_BYTES = 65_536;
const DIRECTORY = '/data';
/** In which a cluster begins, and nobody votes or acknowledges anything. */
const FIRST_TERM = 1;

export type Death = 'killed' | 'power-cut';

export interface NodeOptions {
  readonly world: World;
  readonly id: string;
  readonly address: string;
  readonly peers: Readonly<Record<string, string>>;
  /** Enters the cluster that runs, in place of beginning it. */
  readonly join?: JoinOptions & { readonly seeds: readonly string[] };
  readonly machines: Machines;
  readonly membership: boolean;
  readonly settings: Partial<HostSettings>;
  readonly randomness: Randomness;
  /** The process ended by itself: it could not start, or could not go on. */
  readonly onEnded: (node: SimulatedNode, error: unknown, phase: LifePhase) => void;
}

/** One life of a node: from the start of its process to its end. */
interface Life {
  readonly number: number;
  readonly process: SimulatedProcess;
  readonly machines: Readonly<Record<string, StateMachine>>;
  node: DecoraftNode | undefined;
}

/** How far a process had come when it ended by itself. */
export type LifePhase = 'starting' | 'running';

/** A machine with a clock and a disk, and the Decoraft node that is started and killed on it. */
export class SimulatedNode {
  readonly id: string;
  readonly address: string;
  readonly clock: MachineClock;
  readonly disk: NodeDisk;
  readonly #options: NodeOptions;
  readonly #random: Random;
  #life: Life | undefined;
  #hasStarted = false;
  #isWiped = false;
  /** Whether the disk that it lost may have known of a vote, or of an entry that it acknowledged. */
  #hasForgotten = false;
  #isGone = false;
  #lives = 0;

  constructor(options: NodeOptions) {
    const { address, id, randomness, world } = options;
    this.#options = options;
    this.id = id;
    this.address = address;
    const clockRandom = randomness.fork(`clock of ${id}`);
    this.clock = new MachineClock(
      world.scheduler,
      integerBetween(clockRandom, -CLOCK_SKEW_MS, CLOCK_SKEW_MS),
    );
    this.disk = new NodeDisk(randomness.fork(`disk of ${id}`));
    this.#random = randomness.fork(`node ${id}`);
  }

  /** Counted from 1; 0 before the first start. */
  get lives(): number {
    return this.#lives;
  }

  /** The process of this life; `undefined` while there is none. */
  get process(): SimulatedProcess | undefined {
    return this.#life?.process;
  }

  /** Whether it ever came so far as to belong to the cluster. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether it asks to be taken in, in place of having begun the cluster. */
  get isNewcomer(): boolean {
    return this.#options.join !== undefined;
  }

  /** Whether its disk was lost: what runs under its name is somebody else, and must be refused by the others. */
  get isWiped(): boolean {
    return this.#isWiped;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** The group of this node; `undefined` until it has started. */
  get raft(): RaftService | undefined {
    return this.#life?.node?.raft;
  }

  /** The user's own machines of this life. */
  get machines(): Readonly<Record<string, StateMachine>> {
    return this.#life?.machines ?? {};
  }

  /** Starts a process; does nothing while one runs. */
  start(): void {
    if (this.#life || this.#isGone) return;
    const { world } = this.#options;
    const process: SimulatedProcess = world.process({
      name: this.id,
      clock: this.clock,
      random: this.#random,
      onUncaught: (error) => world.fail(error),
    });
    const machines = Object.fromEntries(
      Object.entries(this.#options.machines).map(([name, create]) => [name, create()]),
    );
    const life: Life = { number: ++this.#lives, process, machines, node: undefined };
    this.#life = life;
    world.network.switchOn(this.id, this.address);
    process.schedule(0, 'start', () => void this.#run(life));
  }

  /** Ends the process from outside: it has no chance to say goodbye. */
  kill(death: Death): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.process.kill();
    if (death === 'power-cut') this.disk.crash();
    else this.disk.kill();
    this.#options.world.network.ended(life.process, this.id, death);
  }

  /** Ends for good: the machine is given away. */
  decommission(): void {
    this.kill('power-cut');
    this.#isGone = true;
  }

  /** The disk breaks, and is replaced by an empty one. */
  wipe(): void {
    const { raft } = this;
    this.#hasForgotten = !raft || raft.term > FIRST_TERM;
    this.kill('power-cut');
    this.disk.wipe();
    this.#isWiped = true;
  }

  /** One that forgot what it promised may ask to take part under its old id, and must not. */
  #mustWait(raft: RaftService): void {
    const takesPart = (): void => {
      this.#options.world.fail(new Error(`${this.id} takes part again, although it lost its disk`));
    };
    if (raft.status) takesPart();
    else raft.once('membersChanged', takesPart);
  }

  async #run(life: Life): Promise<void> {
    const { address, id, join, membership, peers, settings, world } = this.#options;
    const { machines, process } = life;
    const ended = (error: unknown): void => {
      if (this.#life !== life) return;
      const phase = life.node ? 'running' : 'starting';
      this.kill('killed');
      this.#options.onEnded(this, error, phase);
    };
    try {
      const storage = durableStorage(DIRECTORY, {
        disk: this.disk.forProcess(process),
        segmentBytes: SEGMENT_BYTES,
        clock: process.clock,
        random: this.#random,
        logger: world.logger(id),
      });
      life.node = await assembleNode(
        { id, peers, machines, membership, settings, listen: address, onFatal: ended, ...(join && { join }) },
        {
          clock: process.clock,
          random: this.#random,
          logger: world.logger(id),
          storage: () => storage,
          soon: (callback) => world.scheduler.soon(callback),
          dialer: world.network.dialer(id, process),
          listener: world.network.listener(process),
        },
      );
      life.node.raft.on('commandDiffered', (differed) => world.fail(commandDiffered(id, differed)));
      if (this.#hasForgotten) this.#mustWait(life.node.raft);
      this.#hasStarted = true;
    } catch (error) {
      ended(error);
    }
  }
}
