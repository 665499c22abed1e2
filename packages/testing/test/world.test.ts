import { describe, expect, it } from 'vitest';
import { MachineClock } from '../src/machine-clock.js';
import { Randomness } from '../src/randomness.js';
import type { SimulatedProcess } from '../src/simulated-process.js';
import { World } from '../src/world.js';

const REAL = { Date: globalThis.Date, random: Math.random, setTimeout: globalThis.setTimeout };

function worldWithProcess() {
  const randomness = new Randomness(1);
  const world = new World(randomness);
  const clock = new MachineClock(world.scheduler, 0);
  const newProcess = (): SimulatedProcess =>
    world.process({
      name: 'p',
      clock,
      random: randomness.fork('p'),
      onUncaught: (error) => world.fail(error),
    });
  return { world, clock, newProcess };
}

async function passTime(world: World, durationMs: number): Promise<void> {
  const untilMs = world.nowMs + durationMs;
  world.after(durationMs, 'end', () => undefined);
  await world.run(() => world.nowMs >= untilMs);
}

describe('a simulated process', () => {
  it('has its timers, and nothing else passes time', async () => {
    const { newProcess, world } = worldWithProcess();
    const process = newProcess();
    const fired: number[] = [];
    for (const delayMs of [30, 10, 20]) process.clock.after(delayMs, () => fired.push(world.nowMs));
    await passTime(world, 100);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('keeps its events while it is paused, and its clock goes on', async () => {
    const { newProcess, world } = worldWithProcess();
    const process = newProcess();
    const fired: number[] = [];
    const beganMs = process.clock.monotonicMs();
    process.clock.after(10, () => fired.push(process.clock.monotonicMs() - beganMs));
    process.pause();
    await passTime(world, 50);
    expect(fired).toEqual([]);
    process.resume();
    await passTime(world, 1);
    expect(fired).toEqual([50]);
  });

  it('has no events when it is dead', async () => {
    const { newProcess, world } = worldWithProcess();
    const process = newProcess();
    let fired = 0;
    process.clock.after(10, () => fired++);
    process.kill();
    await passTime(world, 50);
    expect(fired).toBe(0);
  });

  it('never fires a timer early by its own clock, however that drifts', async () => {
    const { clock, newProcess, world } = worldWithProcess();
    const process = newProcess();
    let firedAtMs = 0;
    process.clock.after(100, () => void (firedAtMs = world.nowMs));
    await passTime(world, 50);
    clock.drift(0.5);
    await passTime(world, 200);
    expect(firedAtMs).toBeCloseTo(150);
  });

  it('sees its wall clock jump, and its monotonic one not', () => {
    const { clock, newProcess } = worldWithProcess();
    const process = newProcess();
    const [wall, monotonic] = [process.clock.now(), process.clock.monotonicMs()];
    clock.jump(-5_000);
    expect(process.clock.now()).toBe(wall - 5_000);
    expect(process.clock.monotonicMs()).toBe(monotonic);
  });
});

describe('the globals', () => {
  it('are those of the process whose code runs, across promises and timers', async () => {
    const { newProcess, world } = worldWithProcess();
    const process = newProcess();
    const seen: unknown[] = [];
    const leave = world.enter();
    process.schedule(0, 'start', () => {
      void (async () => {
        const before = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        seen.push(Date.now() - before, new Date().getTime() - process.clock.now());
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(Math.random());
      })();
    });
    await passTime(world, 2_000);
    leave();
    expect(seen).toEqual([1_000, 0, new Randomness(1).fork('p')()]);
  });

  it('are the real ones again afterwards', () => {
    const { world } = worldWithProcess();
    world.enter()();
    expect({ Date: globalThis.Date, setTimeout: globalThis.setTimeout }).toEqual({
      Date: REAL.Date,
      setTimeout: REAL.setTimeout,
    });
    expect(Math.abs(Date.now() - REAL.Date.now())).toBeLessThan(1_000);
  });
});

it('a world in which no time passes any more is no run', async () => {
  const { newProcess, world } = worldWithProcess();
  const process = newProcess();
  const again = (): void => void process.schedule(0, 'again', again);
  again();
  await expect(world.run(() => false)).rejects.toThrow('time stands still');
}, 60_000);

it('a world in which nothing is left to happen is no run', async () => {
  const { world } = worldWithProcess();
  await expect(world.run(() => false)).rejects.toThrow('came to rest');
});
