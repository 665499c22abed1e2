import { stableHash } from '@decoraft/base';
import type { Operation } from '@decoraft/protocol';
import { cmd, defineOperations, qry, StateMachine } from '@decoraft/state-machine';
import { expect, it, vi } from 'vitest';
import { type Check, counterModel, linearizable, simulate } from '../src/index.js';
import { countAndRead, counterRun } from './support/counter-run.js';

vi.setConfig({ testTimeout: 120_000 });

const operation = (name: string, kind: Operation['kind'], ...parameters: string[]): Operation => ({
  id: stableHash(name),
  name,
  kind,
  parameters: parameters.map((parameter) => ({
    name: parameter,
    schema: { kind: 'number' },
    optional: false,
  })),
  result: { kind: 'number' },
});
const TABLE = {
  format: 1,
  machine: 'Counter',
  operations: [operation('add', 'cmd', 'by'), operation('current', 'qry')],
  types: {},
} as const;

class OneNumber extends StateMachine {
  value = 0;

  @cmd add(by: number): number {
    return (this.value += by);
  }

  @qry current(): number {
    return this.value;
  }
}
defineOperations(OneNumber, TABLE);

/** The same to its callers, and another state. */
class ManyNumbers extends StateMachine {
  static override readonly version: number = 2;
  added: number[] = [];

  override previous(): StateMachine {
    return new OneNumber();
  }

  override migrate(_from: number, { value }: { readonly value: number }): unknown {
    return { added: [value] };
  }

  @cmd add(by: number): number {
    this.added.push(by);
    return this.current();
  }

  @cmd forget(): number {
    const count = this.added.length;
    this.added = [this.current()];
    return count;
  }

  @qry current(): number {
    return this.added.reduce((sum, one) => sum + one, 0);
  }
}
defineOperations(ManyNumbers, { ...TABLE, operations: [...TABLE.operations, operation('forget', 'cmd')] });

/** The first lives of three nodes, and the look at the options before. */
const FIRST_LIVES = 4;

it('nodes that are upgraded under faults, each when it starts again, stay equal and lose nothing', async () => {
  const versions = new Set<number | undefined>();
  for (let seed = 1; seed <= 8; seed++) {
    let lives = 0;
    const counter = (): StateMachine => (++lives <= FIRST_LIVES ? new OneNumber() : new ManyNumbers());
    const seen = (): Check => ({
      stepped: ({ raft }) => void versions.add(raft.versions['counter']),
      healed: (nodes) => {
        const ends = new Set(nodes.map(({ raft }) => raft.versions['counter']));
        if (ends.size !== 1) throw new Error(`the nodes end with versions ${[...ends].join()}`);
      },
    });
    const report = await simulate(
      counterRun({
        seed,
        machines: { counter },
        workload: countAndRead,
        faultEveryMs: 600,
        checks: [linearizable(counterModel()), seen],
      }),
    );
    expect(report.operations.returned).toBeGreaterThan(0);
  }
  expect(versions).toEqual(new Set([undefined, 1, 2]));
});
