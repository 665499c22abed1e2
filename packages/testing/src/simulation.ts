import type { Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import type { Check, NodeProbe } from './check.js';
import { probeOf, SimulatedCluster } from './cluster.js';
import { equalState } from './equal-state.js';
import { FaultConductor } from './fault-conductor.js';
import { weightsOf } from './faults/menu.js';
import { drawSchedule } from './faults/schedule.js';
import { HistoryRecorder } from './history.js';
import { NotHealed } from './not-healed.js';
import { Operator } from './operator.js';
import type { SimulationOptions } from './options.js';
import { integerBetween, Randomness } from './randomness.js';
import type { SimulationReport } from './report.js';
import { raftPromises } from './raft-promises.js';
import { tapRaft } from './raft-tap.js';
import { SimulatedClient } from './simulated-client.js';
import type { TraceEvent } from './trace.js';
import { World } from './world.js';

const DEFAULT_NODES = 3;
const DEFAULT_CLIENTS = 2;
const DEFAULT_DURATION_MS = 20_000;
const DEFAULT_HEALING_MS = 60_000;
const DEFAULT_THINK_MS = 20;
const DEFAULT_FAULT_EVERY_MS = 1_000;
const REMEMBERED_EVENTS = 500;

/** Snapshots and checks so often that every run has some, and tails so short that some followers need them. */
function drawSettings(random: Random): Partial<HostSettings> {
  return {
    snapshotEntries: integerBetween(random, 20, 400),
    snapshotTailEntries: integerBetween(random, 0, 60),
    promotionLagEntries: integerBetween(random, 1, 40),
    snapshotBytes: integerBetween(random, 2_000, 200_000),
    stateCheckEntries: integerBetween(random, 20, 400),
    // A node that differs ends, and that none may: see `SimulatedCluster`.
    onDivergence: 'stop-minority',
  };
}

/** One run, in the making: a world with a cluster and clients in it. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #seed: number;
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  readonly #operator: Operator;
  readonly #clients: readonly SimulatedClient[];
  readonly #conductor: FaultConductor;
  readonly #history: HistoryRecorder;
  readonly #checks: readonly Check[];
  #plannedFaults = 0;
  #stateHash: string | undefined;

  constructor(options: SimulationOptions) {
    const { checks = [], clients = DEFAULT_CLIENTS, nodes = DEFAULT_NODES, seed = 1 } = options;
    const { lastRound, thinkMs = DEFAULT_THINK_MS, tiedClients = 0, workload } = options;
    this.#options = options;
    this.#seed = seed;
    const randomness = new Randomness(seed);
    const world = new World(randomness);
    this.#world = world;
    world.scheduler.trace.observe = options.onEvent;
    this.#history = new HistoryRecorder(() => world.nowMs);
    const { machines, membership = false } = options;
    const settings = { ...drawSettings(randomness.fork('settings')), ...options.settings };
    this.#cluster = new SimulatedCluster({ world, randomness, machines, membership, settings, nodes });
    this.#operator = new Operator(world, this.#cluster);
    this.#clients = Array.from({ length: clients }, (_, at) => {
      const name = `client-${at + 1}`;
      const tiedTo = at < tiedClients ? this.#tie(name, at) : undefined;
      const addresses = (): readonly string[] => tiedTo ?? this.#cluster.addresses;
      return new SimulatedClient({
        world,
        name,
        randomness,
        history: this.#history,
        workload,
        lastRound,
        thinkMs,
        addresses,
      });
    });
    const names = this.#clients.map(({ name }) => name);
    this.#conductor = new FaultConductor({
      world,
      cluster: this.#cluster,
      operator: this.#operator,
      clients: names,
      randomness,
    });
    this.#checks = [equalState(), raftPromises(), ...checks.map((create) => create())];
    this.#listen();
    this.#plan(randomness);
  }

  /** From here on the client reaches one node only. Gives its address. */
  #tie(client: string, at: number): readonly string[] {
    const { addresses, nodes } = this.#cluster;
    const tied = at % nodes.length;
    const node = nodes[tied]?.id;
    this.#world.network.links.refuse((from, to) => from === client && to !== node);
    return addresses.slice(tied, tied + 1);
  }

  /** All of it; to be called once. Rejects with whatever was not as it must be. */
  async run(): Promise<SimulationReport> {
    const leave = this.#world.enter();
    try {
      this.#cluster.startAll();
      for (const client of this.#clients) client.start();
      await this.#underFaults();
      await this.#heal();
    } finally {
      leave();
    }
    const history = this.#history.operations();
    for (const check of this.#checks) check.ended?.(history);
    return this.report();
  }

  report(): SimulationReport {
    const { trace } = this.#world.scheduler;
    const operations = { returned: 0, unknown: 0, failed: 0 };
    for (const { outcome } of this.#history.operations()) operations[outcome.kind] += 1;
    return {
      seed: this.#seed,
      traceHash: trace.hash,
      simulatedMs: Math.round(this.#world.nowMs),
      events: trace.count,
      operations,
      faults: Object.fromEntries(this.#conductor.counts),
      plannedFaults: this.#plannedFaults,
      messages: { ...this.#world.network.counts },
      lives: this.#cluster.lives,
      endedByDisk: this.#cluster.endedByDisk,
      appliedIndex: Math.min(...this.#cluster.probes.map(({ raft }) => raft.appliedIndex)),
      stateHash: this.#stateHash,
    };
  }

  /** The end of what happened so far. */
  lastEvents(): readonly TraceEvent[] {
    return this.#world.scheduler.trace.last(REMEMBERED_EVENTS);
  }

  #listen(): void {
    const listening = this.#checks.filter((check) => 'sent' in check);
    this.#world.network.onSent = (machine, bytes) => {
      const node = this.#cluster.node(machine);
      if (!node || node.isWiped) return;
      tapRaft(bytes, (message) => {
        for (const check of listening) check.sent?.(message);
      });
    };
  }

  #plan(randomness: Randomness): void {
    const { durationMs = DEFAULT_DURATION_MS, faultEveryMs = DEFAULT_FAULT_EVERY_MS } = this.#options;
    const planned = drawSchedule({
      random: randomness.fork('schedule'),
      weights: weightsOf(randomness.fork('swarm'), this.#options.faults),
      durationMs,
      everyMs: faultEveryMs,
    });
    const without = new Set(this.#options.withoutFaults);
    this.#plannedFaults = planned.length;
    this.#conductor.plan(planned.filter(({ id }) => !without.has(id)));
  }

  async #underFaults(): Promise<void> {
    const { durationMs = DEFAULT_DURATION_MS, steps = Infinity } = this.#options;
    const { scheduler } = this.#world;
    // So that there is an event then, even in a world where nothing happens.
    this.#world.after(durationMs, 'end-of-faults', () => undefined);
    await this.#until(() => this.#world.nowMs >= durationMs || scheduler.trace.count >= steps);
  }

  /**
   * No more faults, all nodes up. Then, within a limit: something new is committed and applied everywhere; the
   * clients come to an end; all nodes are equal.
   */
  async #heal(): Promise<void> {
    this.#conductor.end();
    this.#cluster.startAll();
    this.#operator.tidyUp();
    this.#world.scheduler.note('world', 'healing');
    const { healingMs = DEFAULT_HEALING_MS } = this.#options;
    const limitMs = this.#world.nowMs + healingMs;
    const newest = Math.max(0, ...this.#cluster.probes.map(({ raft }) => raft.lastIndex));
    await this.#within(limitMs, `a command behind entry ${newest} is committed and applied by all`, () =>
      this.#areAll(({ raft }) => raft.appliedIndex > newest),
    );
    await this.#within(limitMs, 'who is to come or go has come or gone', () => this.#operator.isIdle);
    for (const client of this.#clients) client.stop();
    await this.#within(limitMs, 'every client has an answer', () =>
      this.#clients.every((client) => client.isStopped),
    );
    await this.#within(limitMs, 'all nodes have applied the same', () => {
      const last = Math.max(...this.#cluster.probes.map(({ raft }) => raft.lastIndex));
      return this.#areAll(({ raft }) => raft.appliedIndex === last);
    });
    const nodes = this.#cluster.probes;
    this.#stateHash = nodes[0]?.raft.stateHash;
    for (const check of this.#checks) check.healed?.(nodes);
  }

  /** Whether all nodes have started, and are as they should be. */
  #areAll(isWell: (node: NodeProbe) => boolean): boolean {
    const { nodes, probes } = this.#cluster;
    return probes.length === nodes.length && probes.every(isWell);
  }

  async #within(limitMs: number, what: string, isDone: () => boolean): Promise<void> {
    await this.#until(() => {
      if (isDone()) return true;
      if (this.#world.nowMs < limitMs) return false;
      throw new NotHealed(what, this.#cluster.nodes);
    });
  }

  #until(isDone: () => boolean): Promise<void> {
    const { scheduler } = this.#world;
    return this.#world.run(() => {
      const name = scheduler.lastOwner;
      const node = name === undefined ? undefined : this.#cluster.node(name);
      const probe = node && probeOf(node);
      if (probe) for (const check of this.#checks) check.stepped?.(probe);
      if (node?.isWiped) for (const check of this.#checks) check.steppedUnseen?.(node.id);
      return isDone();
    });
  }
}
