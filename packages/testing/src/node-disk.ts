import type { Random } from '@decoraft/base';
import { type DiskOperation, SimulatedDisk, systemError } from '@decoraft/storage/simulated';
import type { Disk } from '@decoraft/storage';
import { integerBetween, millisecondsBetween } from './randomness.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What each operation costs; those that are not here, nothing. Milliseconds, from and to. */
const COST_MS: Partial<Record<DiskOperation, readonly [number, number]>> = {
  open: [0.02, 0.1],
  read: [0.02, 0.1],
  write: [0.01, 0.05],
  rename: [0.02, 0.1],
  fdatasync: [0.2, 2],
  fsyncDirectory: [0.2, 2],
};

/** The log's files: a record that was never finished is cut off from their end. */
const LOG_FILE = /\.segment$/;

/** A bit that was flipped, and can be flipped back. */
export interface Damage {
  readonly path: string;
  readonly byte: number;
  readonly bit: number;
}

/** The disk of one simulated machine: it outlives the processes, and is as slow, full and broken as it is told. */
export class NodeDisk {
  /** How many times slower than usual. */
  slowness = 1;
  readonly #disk: SimulatedDisk;
  readonly #random: Random;
  #failsNextFlush = false;
  /** What nobody has had to read yet. */
  readonly #unnoticed: (Damage & { readonly value: number | undefined })[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#disk = new SimulatedDisk(integerBetween(random, 0, 0x7fff_ffff));
    this.#disk.fault = (operation, path) => {
      if (operation !== 'fdatasync' || !this.#failsNextFlush) return undefined;
      this.#failsNextFlush = false;
      return systemError('EIO', path);
    };
  }

  get isFull(): boolean {
    return this.#disk.full;
  }

  set isFull(isFull: boolean) {
    this.#disk.full = isFull;
  }

  /** The next flush fails, and what it should have flushed may be lost. */
  failNextFlush(): void {
    this.#failsNextFlush = true;
  }

  /** The disk for one life of a process, which waits for it as long as it takes. */
  forProcess(process: SimulatedProcess): Disk {
    this.#disk.beforeOperation = (operation) => this.#wait(process, operation);
    return this.#disk.forProcess();
  }

  /** The process died, the machine stays. */
  kill(): void {
    this.#disk.kill();
    this.#failsNextFlush = false;
  }

  /** The machine lost power: what was not flushed is lost, whole or in part. */
  crash(): void {
    this.#disk.crash();
    this.#failsNextFlush = false;
  }

  /** Nothing is left. */
  wipe(): void {
    for (const path of this.#disk.paths) this.#disk.delete(path);
  }

  /**
   * Flips a bit of what was written long ago; `undefined` when there is nothing yet. The latest write to a file of the
   * log is spared: damaged, it could not be told from one that was torn, and would be cut off, rightly.
   */
  damage(random: Random): Damage | undefined {
    const written = this.#disk.paths
      .map((path) => ({ path, length: this.#lengthAtRest(path) }))
      .filter(({ length }) => length > 1);
    if (written.length === 0) return undefined;
    const file = written[integerBetween(random, 0, written.length)];
    if (!file) return undefined;
    const byte = integerBetween(random, 0, file.length);
    const damage = { path: file.path, byte, bit: integerBetween(random, 0, 8) };
    this.#flip(damage);
    return damage;
  }

  /** What an operator does who has a copy. */
  mend(damage: Damage): void {
    this.#flip(damage);
  }

  /** The log reads much of itself only when somebody needs it: the operator comes when the damage is noticed. */
  mendWhenNoticed(damage: Damage): void {
    this.#unnoticed.push({ ...damage, value: this.#byteAt(damage) });
  }

  /** The node has ended because of what it read. */
  noticed(): void {
    for (const damage of this.#unnoticed.splice(0)) {
      // What was written over since then is no damage any more.
      if (damage.value !== undefined && this.#byteAt(damage) === damage.value) this.mend(damage);
    }
  }

  #byteAt({ byte, path }: Damage): number | undefined {
    return this.#disk.paths.includes(path) ? this.#disk.content(path)[byte] : undefined;
  }

  #lengthAtRest(path: string): number {
    const inUse = lengthInUse(this.#disk.content(path));
    return LOG_FILE.test(path) ? Math.min(inUse, this.#disk.latestWrite(path)) : inUse;
  }

  #flip({ bit, byte, path }: Damage): void {
    this.#disk.flipBit(path, byte, bit);
  }

  #wait(process: SimulatedProcess, operation: DiskOperation): Promise<void> | undefined {
    const cost = COST_MS[operation];
    if (!cost) return undefined;
    const durationMs = millisecondsBetween(this.#random, ...cost) * this.slowness;
    return new Promise((resolve) => void process.schedule(durationMs, operation, resolve));
  }
}

/** Files are made longer than what is written in them. */
function lengthInUse(content: Uint8Array): number {
  return content.findLastIndex((byte) => byte !== 0) + 1;
}
