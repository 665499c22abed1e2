import type { Random } from '@decoraft/base';
import {
  type AcceptedConnection,
  type ConnectionEvents,
  type Dialer,
  type DialOptions,
  type Listener,
  type Listening,
  RpcError,
} from '@decoraft/rpc';
import { Links } from './links.js';
import { Pipe } from './pipe.js';
import { choose } from './randomness.js';
import type { Scheduler } from './scheduler.js';
import { CUT_OFF, SimulatedConnection } from './simulated-connection.js';
import type { SimulatedProcess } from './simulated-process.js';

type Accept = (connection: AcceptedConnection) => ConnectionEvents;

/** Somebody who accepts connections at an address. */
interface Port {
  readonly process: SimulatedProcess;
  readonly accept: Accept;
  readonly accepted: Set<SimulatedConnection>;
  onEmptied: (() => void) | undefined;
}

interface Wire {
  readonly ends: readonly [SimulatedConnection, SimulatedConnection];
  readonly pipes: readonly [Pipe, Pipe];
}

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly latency: Random;
  readonly storm: Random;
}

/** A SYN that nobody answered is sent again. */
const REDIAL_MS = 500;

/** Connections between simulated machines, over links that are cut, slow and stormy when they are told to. */
export class SimulatedNetwork {
  readonly links: Links;
  readonly counts = { dropped: 0, duplicated: 0, reordered: 0 };
  /** Told of every message that a machine sends, before anything happens to it. */
  onSent: (machine: string, bytes: Uint8Array) => void = () => undefined;
  readonly #options: NetworkOptions;
  readonly #ports = new Map<string, Port>();
  /** The machine behind each address, whether or not anybody listens there. */
  readonly #machines = new Map<string, string>();
  readonly #up = new Set<string>();
  readonly #wires = new Set<Wire>();
  #dialled = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.links = new Links(options.latency);
    this.links.onHealed = () => {
      for (const { pipes } of this.#wires) for (const pipe of pipes) pipe.healed();
    };
  }

  /** A machine is switched on: its kernel answers, at this address if it has one. */
  switchOn(machine: string, address?: string): void {
    this.#up.add(machine);
    if (address !== undefined) this.#machines.set(address, machine);
  }

  /**
   * A process has ended. Its kernel closes the connections, unless the whole machine lost power: then the other
   * sides hear nothing until they write and the machine is back.
   */
  ended(process: SimulatedProcess, machine: string, how: 'killed' | 'power-cut'): void {
    for (const [address, port] of this.#ports) if (port.process === process) this.#ports.delete(address);
    if (how === 'power-cut') this.#up.delete(machine);
    for (const { ends, pipes } of this.#wires) {
      for (const side of [0, 1] as const) {
        if (ends[side].process !== process || ends[side].isGone) continue;
        ends[side].vanish();
        if (how === 'killed') pipes[side].close({ code: CUT_OFF, reason: '' });
      }
    }
  }

  /** Breaks one connection between two machines that `among` accepts; tells whether there was any. */
  breakOne(
    random: Random,
    among: (machine: string, other: string) => boolean,
    how: 'cut' | 'half-open',
  ): boolean {
    const wires = [...this.#wires].filter(({ ends: [one, other] }) => among(one.machine, other.machine));
    if (wires.length === 0) return false;
    const { ends } = choose(random, wires);
    const side = random() < 0.5 ? 0 : 1;
    reset(ends[side]);
    if (how === 'cut') reset(ends[side === 0 ? 1 : 0]);
    return true;
  }

  dialer(machine: string, process: SimulatedProcess): Dialer {
    return { dial: (address, events, options) => this.#dial({ machine, process, address, events, options }) };
  }

  listener(process: SimulatedProcess): Listener {
    return {
      listen: (address, accept): Promise<Listening> => {
        if (this.#ports.has(address)) {
          return Promise.reject(new RpcError('Unavailable', `${address} is being listened on already`));
        }
        const port: Port = { process, accept, accepted: new Set(), onEmptied: undefined };
        this.#ports.set(address, port);
        return Promise.resolve({
          address,
          close: () => {
            this.#ports.delete(address);
            if (port.accepted.size === 0) return Promise.resolve();
            return new Promise<void>((resolve) => void (port.onEmptied = resolve));
          },
        });
      },
    };
  }

  #dial(call: Dial): Promise<SimulatedConnection> {
    const { address, options, process } = call;
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const fail = (): void => reject(new RpcError('Unavailable', `${address} cannot be reached`));
      const attempt = (): void => {
        if (signal.aborted) return;
        const delayMs = this.#reach(call, resolve, fail);
        if (delayMs !== undefined) process.schedule(delayMs, 'redial', attempt);
      };
      signal.addEventListener('abort', fail);
      attempt();
    });
  }

  /** Sends one SYN; gives the time until the next one when this one is lost. */
  #reach(
    call: Dial,
    resolve: (connection: SimulatedConnection) => void,
    fail: () => void,
  ): number | undefined {
    const { links } = this;
    const { address, machine, process } = call;
    const target = this.#machines.get(address);
    if (target === undefined) return void process.schedule(0, 'unknown-host', fail);
    if (!this.#up.has(target) || links.isCut(machine, target) || links.isCut(target, machine))
      return REDIAL_MS;
    const thereMs = links.latencyMs(machine, target);
    const port = this.#ports.get(address);
    if (!port?.process.isAlive || links.isRefused(machine, target)) {
      process.schedule(thereMs + links.latencyMs(target, machine), 'refused', fail);
      return undefined;
    }
    port.process.schedule(thereMs, 'accept', () => this.#accept(call, port, target, resolve));
    return undefined;
  }

  #accept(call: Dial, port: Port, target: string, resolve: (connection: SimulatedConnection) => void): void {
    const { events, machine, options, process } = call;
    const { closeTimeoutMs } = options.limits;
    const from = `${machine}:${++this.#dialled}`;
    const gone = (): void => this.#forget(wire);
    const client = new SimulatedConnection({
      machine,
      process,
      remoteAddress: call.address,
      closeTimeoutMs,
      onGone: gone,
    });
    const server = new SimulatedConnection({
      machine: target,
      process: port.process,
      remoteAddress: from,
      closeTimeoutMs,
      onGone: () => {
        port.accepted.delete(server);
        gone();
      },
    });
    const wire: Wire = {
      ends: [client, server],
      pipes: [this.#pipe(client, server, closeTimeoutMs), this.#pipe(server, client, closeTimeoutMs)],
    };
    [client.pipe, server.pipe] = wire.pipes;
    client.events = events;
    this.#wires.add(wire);
    port.accepted.add(server);
    const heard = port.accept(server);
    server.events = {
      message: (message) => heard.message(message),
      drained: () => heard.drained(),
      closed: (code, reason) => {
        heard.closed(code, reason);
        if (port.accepted.size === 0) port.onEmptied?.();
      },
    };
    if (process.isAlive)
      process.schedule(this.links.latencyMs(target, machine), 'connected', () => resolve(client));
    else client.vanish();
  }

  #forget(wire: Wire): void {
    if (wire.ends.every((end) => end.isGone)) this.#wires.delete(wire);
  }

  #pipe(from: SimulatedConnection, to: SimulatedConnection, closeTimeoutMs: number): Pipe {
    const { scheduler, storm } = this.#options;
    return new Pipe({
      from,
      to,
      scheduler,
      random: storm,
      links: this.links,
      closeTimeoutMs,
      isUp: (machine) => this.#up.has(machine),
      sent: (machine, bytes) => this.onSent(machine, bytes),
      count: (kind) => void (this.counts[kind] += 1),
    });
  }
}

function reset(end: SimulatedConnection): void {
  if (!end.isGone) end.process.schedule(0, 'reset', () => end.ended({ code: CUT_OFF, reason: '' }));
}

interface Dial {
  readonly machine: string;
  readonly process: SimulatedProcess;
  readonly address: string;
  readonly events: ConnectionEvents;
  readonly options: DialOptions;
}
