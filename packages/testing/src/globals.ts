import type { Clock, Random, Timer } from '@decoraft/base';

/** What the code of a simulated process may reach without being given it. */
export interface SimulatedGlobals {
  /** Whose code runs; `undefined` when it is none of the world's. */
  current(): { readonly clock: Clock; readonly random: Random } | undefined;
  soon(callback: () => void): void;
}

const real = {
  Date: globalThis.Date,
  random: Math.random.bind(Math),
  performanceNow: performance.now.bind(performance),
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
};

/**
 * Puts the world's time and randomness in the place of the machine's own, until the returned function is called.
 * So a workload may wait with `setTimeout`, and a machine that asks for the time where it must not is wrong in the
 * same way in every run: its node's clock is off by its own amount, hence its state differs from the others'.
 *
 * Code outside of the world keeps the real ones. `node:` modules are out of reach, as is `crypto`.
 */
export function replaceGlobals(world: SimulatedGlobals): () => void {
  const replaced = { ...timers(world), Date: simulatedDate(world) };
  Object.assign(globalThis, replaced);
  Math.random = () => (world.current()?.random ?? real.random)();
  performance.now = () => world.current()?.clock.monotonicMs() ?? real.performanceNow();
  return () => {
    const { performanceNow, random, ...rest } = real;
    Object.assign(globalThis, rest);
    Math.random = random;
    performance.now = performanceNow;
  };
}

function simulatedDate(world: SimulatedGlobals): DateConstructor {
  const nowMs = (): number => world.current()?.clock.now() ?? real.Date.now();
  return new Proxy(real.Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [nowMs()] : args, newTarget) as Date,
    apply: () => new real.Date(nowMs()).toString(),
    get: (target, key, receiver) => (key === 'now' ? nowMs : (Reflect.get(target, key, receiver) as unknown)),
  });
}

type Callback = (...args: unknown[]) => void;

/** Handles are objects, as Node's are; real ones and ours can be told apart. */
class Handle {
  constructor(readonly timer: Timer) {}
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

function clear(handle: unknown): void {
  if (handle instanceof Handle) handle.timer.cancel();
  else real.clearTimeout(handle as NodeJS.Timeout);
}

function timers(world: SimulatedGlobals) {
  return {
    setTimeout(callback: Callback, delayMs = 0, ...args: unknown[]) {
      const clock = world.current()?.clock;
      if (!clock) return real.setTimeout(callback, delayMs, ...args);
      return new Handle(clock.after(delayMs, () => callback(...args)));
    },
    setInterval(callback: Callback, delayMs = 0, ...args: unknown[]) {
      const clock = world.current()?.clock;
      if (!clock) return real.setInterval(callback, delayMs, ...args);
      const next = (): Timer => {
        return clock.after(Math.max(1, delayMs), () => {
          timer = next();
          callback(...args);
        });
      };
      let timer = next();
      return new Handle({ cancel: () => timer.cancel() });
    },
    setImmediate(callback: Callback, ...args: unknown[]) {
      if (!world.current()) return real.setImmediate(callback, ...args);
      let isCancelled = false;
      world.soon(() => {
        if (!isCancelled) callback(...args);
      });
      return new Handle({ cancel: () => void (isCancelled = true) });
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate(handle: unknown) {
      if (handle instanceof Handle) handle.timer.cancel();
      else real.clearImmediate(handle as NodeJS.Immediate);
    },
  };
}
