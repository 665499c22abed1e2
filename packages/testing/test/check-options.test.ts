import { describe, expect, it } from 'vitest';
import { simulate, SimulationFailed, type SimulationOptions } from '../src/index.js';
import { counterRun } from './support/counter-run.js';
import { Counter } from './support/machines.js';

/** What a run says that never began. */
async function refusal(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const options: unknown = { ...counterRun(), ...changes };
  const error = await simulate(options as SimulationOptions).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(SimulationFailed);
  return (error as Error).message;
}

describe('what makes no sense is refused before any world is made', () => {
  const numbers = ['seed', 'nodes', 'clients', 'durationMs', 'steps', 'healingMs', 'thinkMs', 'faultEveryMs'];

  it.each(numbers)('as %s', async (name) => {
    for (const value of [NaN, -1, Infinity, '3', null, {}, 1e300]) {
      expect(await refusal({ [name]: value })).toContain(`simulate: ${name} is a`);
    }
  });

  it.each([
    [{ nodes: 0 }, 'nodes is a whole number from 1 to 9, not 0'],
    [{ nodes: 1.5 }, 'nodes is a whole number from 1 to 9, not 1.5'],
    [{ nodes: 10 }, 'nodes is a whole number from 1 to 9, not 10'],
    [{ durationMs: 1e10, faultEveryMs: 1 }, 'faultEveryMs is not so short in so long a run'],
    [{ workload: undefined }, 'workload is a function, not undefined'],
    [{ checks: 'all' }, "checks is an array of functions, not 'all'"],
    [{ checks: [{}] }, 'checks is an array of functions, not another object'],
    [{ onEvent: 1 }, 'onEvent is a function, not 1'],
    [{ settings: [] }, 'settings is an object, not another object'],
    [{ settings: { ticks: 1 } }, 'there is no setting ticks; there are tickMs'],
    [{ settings: { tickMs: NaN } }, 'settings.tickMs is a number of 0 or more, not NaN'],
    [{ settings: { leaseReads: 'yes' } }, "settings.leaseReads is a boolean, not 'yes'"],
    [{ withoutFaults: ['a'] }, 'withoutFaults is an array of places'],
    [{ faults: 'all' }, "faults is an object of weights, or 'none', not 'all'"],
    [{ faults: { meteor: 1 } }, 'there is no fault meteor; there are '],
    [{ faults: { kill: -1 } }, 'faults.kill is a weight of 0 or more, not -1'],
    [{ machines: undefined }, 'machines is an object of functions'],
    [{ machines: {} }, 'machines is one machine at least'],
    [{ machines: { counter: new Counter() } }, 'machines is an object of functions'],
    [{ machines: { counter: () => undefined } }, 'machines.counter() is a state machine'],
  ])('as %j', async (changes, words) => {
    expect(await refusal(changes)).toContain(words);
  });

  it('as a machine that no node would register', async () => {
    class Unknown extends Counter {
      override add(amount: number): number {
        return super.add(amount);
      }
    }
    expect(await refusal({ machines: { counter: () => new Unknown() } })).toContain('Unknown');
  });

  it('as a machine that cannot be made', async () => {
    const failing = (): never => {
      throw new RangeError('no counter today');
    };
    expect(await refusal({ machines: { counter: failing } })).toContain(
      'machines.counter() threw: no counter today',
    );
  });

  it('or at the first start of a node, where only a node can tell', async () => {
    const run = simulate(counterRun({ faults: 'none', settings: { electionTicks: 1, heartbeatTicks: 5 } }));
    await expect(run).rejects.toThrow(/after \d{1,3} virtual ms: .*InvalidArgument/);
  });

  it('and the next run begins all the same', async () => {
    await refusal({ nodes: 0 });
    const { events } = await simulate(counterRun({ durationMs: 500, faults: 'none' }));
    expect(events).toBeGreaterThan(0);
  });
});
