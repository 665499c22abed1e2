import { DecoraftError } from '@decoraft/protocol';

/** How much a client asks for at once, and how much may wait for that. */
export interface WindowLimits {
  /** Commands that are under way at once; 2,048 by default. */
  readonly maxInFlight: number;
  /** Bytes of their arguments: while so many are under way, nothing more is sent. 4 MiB by default. */
  readonly maxInFlightBytes: number;
  /** Commands that have no answer yet, those that wait for their turn among them; one more is `Overloaded`. 65,536 by default. */
  readonly maxOpen: number;
  /** Bytes of their arguments; 64 MiB by default. While there is none, one of any size is taken. */
  readonly maxOpenBytes: number;
}

const DEFAULT_WINDOW: WindowLimits = {
  maxInFlight: 2_048,
  maxInFlightBytes: 4 * 1024 * 1024,
  maxOpen: 65_536,
  maxOpenBytes: 64 * 1024 * 1024,
};

/** The defaults with what is given. @throws DecoraftError `InvalidArgument` for what is no count. */
export function resolveWindow(given: Partial<WindowLimits> = {}): WindowLimits {
  const limits = { ...DEFAULT_WINDOW, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (Object.hasOwn(DEFAULT_WINDOW, name) && Number.isSafeInteger(value) && value >= 1) continue;
    const words = Object.hasOwn(DEFAULT_WINDOW, name)
      ? `window.${name} must be an integer of at least 1, not ${String(value)}`
      : `window has no ${name}; it has ${Object.keys(DEFAULT_WINDOW).join(', ')}`;
    throw new DecoraftError('InvalidArgument', words);
  }
  return limits;
}

/**
 * How many questions of a client may be under way at once, and how many it takes in at all. Where the group has no room for
 * so many, or does not answer in time, it becomes half as wide each time: what would be refused waits here, where waiting
 * costs nobody anything. With as many answers as it is wide, it widens by eight: slowly enough to stay near what the group
 * has room for, as TCP does.
 */
export class Window {
  readonly #limits: WindowLimits;
  #width: number;
  #openCount = 0;
  #openBytes = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#width = limits.maxInFlight;
  }

  get width(): number {
    return Math.floor(this.#width);
  }

  /** Whether one more may be sent, of whatever size, while so many are under way. */
  hasRoom(underWay: number, bytes: number): boolean {
    return underWay < this.width && bytes < this.#limits.maxInFlightBytes;
  }

  /** Takes a question in. @returns False when there are too many already. */
  tryOpen(bytes: number): boolean {
    const { maxOpen, maxOpenBytes } = this.#limits;
    if (this.#openCount >= maxOpen) return false;
    if (this.#openCount > 0 && this.#openBytes + bytes > maxOpenBytes) return false;
    this.#openCount += 1;
    this.#openBytes += bytes;
    return true;
  }

  /** A question is over. */
  close(bytes: number): void {
    this.#openCount -= 1;
    this.#openBytes -= bytes;
  }

  /** The group had no room for all of `underWay`, or took too long for them. */
  shrink(underWay: number): void {
    this.#width = Math.max(1, Math.min(this.width, underWay) >> 1);
  }

  /** The group has answered. */
  grow(): void {
    this.#width = Math.min(this.#limits.maxInFlight, this.#width + 8 / this.#width);
  }
}
