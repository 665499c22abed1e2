import { describe, expect, test } from 'vitest';
import { type Finished, Workspace } from './command.js';

const SHORT = ['--duration', '3000'] as const;
/** Ends a run as soon as a node starts again: the machine of our own with a check that faults break. */
const NOBODY_RESTARTS = `
import { PROOF } from '@decoraft/cli';
export const { machines, workload } = PROOF;
export const checks = [
  () => ({
    stepped({ id, life }) {
      if (life > 1) throw new Error(id + ' has started again');
    },
  }),
];
`;

function traceHash({ errors, output }: Finished): string {
  const [, hash] = /trace hash +([0-9a-f]{16})/.exec(errors + output) ?? [];
  if (hash === undefined) throw new Error(`no hash in ${errors}${output}`);
  return hash;
}

function commandAgain({ errors }: Finished): string {
  const [, command] = /^again +(.*)$/m.exec(errors) ?? [];
  if (command === undefined) throw new Error(`no command in ${errors}`);
  return command;
}

describe('decoraft simulate', () => {
  test('without a module tries Decoraft itself, and sums up', async () => {
    const { code, errors, output } = await new Workspace().run('simulate', '--seeds', '3', ...SHORT);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const rows = Object.fromEntries(
      output.split('\n').map((line) => [line.slice(0, 20).trim(), line.slice(20)]),
    );
    expect(rows).toMatchObject({
      runs: '3',
      simulated: expect.stringMatching(/^0\.\d{3} hours$/),
      rate: expect.stringMatching(/^\d+\.\d cluster-seconds per second$/),
      events: expect.stringMatching(/^[\d,]{5,}$/),
      'operations checked': expect.stringMatching(
        /^[\d,]{3,} \([\d,]+ returned, \d+ unknown, \d+ refused\)$/,
      ),
      faults: expect.stringMatching(/^\d+$/),
      violations: '0',
    });
  });

  test('one seed is one run, whoever runs it', async () => {
    const workspace = new Workspace();
    const args = ['simulate', '--seed', '7', '--nodes', '5', '--clients', '3', ...SHORT];
    const [first, second] = [await workspace.run(...args), await workspace.run(...args)];
    expect(first.code).toBe(0);
    expect(traceHash(second)).toBe(traceHash(first));
    expect(traceHash(await workspace.run(...args, '--faults', 'none'))).not.toBe(traceHash(first));
  });

  test('strikes with the named faults only', async () => {
    const args = ['--seed', '1', '--duration', '15000', '--faults', 'kill,split'];
    const { code, output } = await new Workspace().run('simulate', ...args);
    expect(code).toBe(0);
    expect(
      output
        .match(/^ {2}[a-z-]+/gm)
        ?.map((kind) => kind.trim())
        .toSorted(),
    ).toEqual(['kill', 'split']);
  });

  test('--trace shows all that happens, and changes none of it', async () => {
    const workspace = new Workspace();
    const args = ['simulate', '--seed', '2', '--duration', '300'];
    const plain = await workspace.run(...args);
    const traced = await workspace.run(...args, '--trace');
    expect(traceHash(traced)).toBe(traceHash(plain));
    const events = /^events +([\d,]+)/m.exec(traced.output)?.[1]?.replaceAll(',', '');
    expect(traced.output.match(/^ +\d+\.\d{3} \S+ +\S/gm)?.length).toBe(Number(events));
  });

  test('--steps ends the faults earlier', async () => {
    const { output } = await new Workspace().run('simulate', '--seed', '1', '--steps', '500');
    expect(Number(/^events +([\d,]+)/m.exec(output)?.[1]?.replaceAll(',', ''))).toBeLessThan(5_000);
  });
});

describe('a failure', () => {
  test('comes with a command that does exactly the same again', async () => {
    const workspace = new Workspace({ 'simulation.mjs': NOBODY_RESTARTS }).install();
    const found = await workspace.run('simulate', 'simulation.mjs', '--seeds', '50', '--no-shrink');
    expect(found.code).toBe(1);
    expect(found.errors).toMatch(/SimulationFailed: seed \d+ after \d+ virtual ms: n\d has started again/);
    expect(found.output).toMatch(/^violations +1$/m);
    const again = await workspace.runPrinted(commandAgain(found));
    expect({ code: again.code, errors: again.errors }).toEqual({ code: 1, errors: found.errors });
  });

  test('is made shorter, and the shorter one can be seen again as well', async () => {
    const workspace = new Workspace({ 'simulation.mjs': NOBODY_RESTARTS }).install();
    const args = ['simulation.mjs', '--seed', '2', '--faults', 'kill,clock-jump', '--duration', '6000'];
    const found = await workspace.run('simulate', ...args);
    expect(found.code).toBe(1);
    const command = commandAgain(found);
    expect(command).toMatch(
      /^npx decoraft simulate simulation.mjs --seed 2 .*--without-faults [\d,]+ --no-shrink$/,
    );
    expect(command).toContain('--faults kill,clock-jump');
    const again = await workspace.runPrinted(command);
    expect(again.code).toBe(1);
    expect(traceHash(again)).toBe(traceHash(found));
    const original = /^as found +(.*)$/m.exec(found.errors)?.[1] ?? '';
    const hash = /^as found.*\n +trace hash ([0-9a-f]{16})/m.exec(found.errors)?.[1];
    expect(traceHash(await workspace.runPrinted(original))).toBe(hash);
  }, 90_000);

  test('of a machine whose replicas differ is found', async () => {
    const workspace = new Workspace({
      'simulation.mjs': `
import { PROOF } from '@decoraft/cli';

const { prototype } = PROOF.machines.ledger().constructor;
const { add } = prototype;
prototype.add = function (command, counter, amount) {
  this.lastAt = Date.now();
  return add.call(this, command, counter, amount);
};
export default PROOF;
`,
    }).install();
    const { code, errors } = await workspace.run('simulate', 'simulation.mjs', '--no-shrink', ...SHORT);
    expect(code).toBe(1);
    expect(errors).toMatch(/^broken +state-hashes$/m);
  });
});

test('Ctrl+C ends it with what was done so far', async () => {
  const running = new Workspace().start('simulate', '--seeds', '100000', '--duration', '500');
  await running.until('a line of progress', () => /^\d+\/100000 seeds/m.test(running.output));
  running.interrupt();
  const { code, output } = await running.finished;
  expect(code).toBe(0);
  expect(output).toMatch(/^Interrupted; so far:\nruns +\d/m);
  expect(output).toMatch(/^violations +0$/m);
});

describe('a TypeScript module', () => {
  const files = {
    'counter.machine.ts': `
import { cmd, qry, StateMachine } from 'decoraft';

export class Counter extends StateMachine {
  private value = 0;

  @cmd add(amount: number): number {
    this.value += amount;
    return this.value;
  }

  @qry({ consistency: 'linearizable' }) current(): number {
    return this.value;
  }
}
`,
    'simulation.ts': `
import { counterModel, linearizable, type Workload } from 'decoraft/testing';
import { Counter } from './counter.machine.js';
import { CounterClient } from './generated/counter.client.js';
import './generated/operations.js';

export const machines = { visits: () => new Counter() };
export const checks = [linearizable(counterModel())];
export const workload: Workload = async ({ client, random, record }) => {
  const visits = new CounterClient(client, 'visits');
  if (random() < 0.5) await record({ kind: 'increment', by: 1 }, () => visits.add(1));
  else await record({ kind: 'read' }, () => visits.current());
};
`,
    'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
    'package.json': '{ "type": "module" }',
  };

  test('runs through tsx, with what the generator wrote', async () => {
    const workspace = new Workspace(files).install();
    expect((await workspace.run('generate')).code).toBe(0);
    const { code, errors, output } = await workspace.runWithTsx(
      'simulate',
      'simulation.ts',
      '--seeds',
      '2',
      ...SHORT,
    );
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^violations +0$/m);
  });

  test('says what to do where Node alone does not read it', async () => {
    const { code, errors } = await new Workspace(files).install().run('simulate', 'simulation.ts');
    expect(code).toBe(2);
    expect(errors).toMatch(
      /does not read simulation\.ts.*need tsx.*: node --import tsx \S+main\.js simulate simulation\.ts/,
    );
  });
});

describe('what makes no sense is refused, by name', () => {
  test.each([
    [['--seed', 'one'], "--seed is a whole number of 0 or more, not 'one'"],
    [['--seeds', '0'], "--seeds is a whole number of 1 or more, not '0'"],
    [['--nodes', '10'], "--nodes is a whole number from 1 to 9, not '10'"],
    [['--clients', '1.5'], "--clients is a whole number from 1 to 100, not '1.5'"],
    [['--duration', '-5'], '--duration'],
    [['--duration', '5', '--duration-ms', '5'], '--duration and --duration-ms are the same'],
    [['--steps', ''], "--steps is a whole number of 1 or more, not ''"],
    [['--faults', 'kill,flood'], "--faults: there is no fault 'flood'; there are kill, power-cut"],
    [
      ['--without-faults', '1,x', '--seed', '1'],
      "each of --without-faults is a whole number of 0 or more, not 'x'",
    ],
    [['--without-faults', '1'], '--without-faults names faults of one run'],
    [['--fault', 'kill'], '--fault'],
    [['a.mjs', 'b.mjs'], 'simulate takes one module, and was given b.mjs as well'],
    [['nothing.mjs'], 'there is no nothing.mjs'],
  ])('%j', async (args, message) => {
    const { code, errors, output } = await new Workspace().run('simulate', ...args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(message);
    expect(errors).toContain('Try `decoraft --help`.');
  });

  test.each([
    ['export const workload = async () => {};', 'must export `machines`'],
    ['export const machines = { a: 1 }; export const workload = async () => {};', 'must export `machines`'],
    ['export const machines = { a: () => ({}) };', 'must export `workload`'],
    [
      'export default { machines: { a: () => ({}) }, workload() {}, checks: [1] };',
      '`checks` as an array of functions',
    ],
    [
      "export default { machines: { a: () => ({}) }, workload() {}, faults: 'some' };",
      '`faults` as an object',
    ],
    ["export default { machines: { a: () => ({}) }, workload() {}, nodes: '3' };", '`nodes` as a number'],
  ])('a module: %s', async (text, message) => {
    const { code, errors } = await new Workspace({ 'a.mjs': text }).run('simulate', 'a.mjs');
    expect(code).toBe(2);
    expect(errors).toContain(`a.mjs must export`);
    expect(errors).toContain(message);
  });

  test('a module that throws is a failure with its own words', async () => {
    const workspace = new Workspace({ 'a.mjs': "throw new Error('out of coffee');" });
    const { code, errors } = await workspace.run('simulate', 'a.mjs');
    expect(code).toBe(1);
    expect(errors).toContain('a.mjs could not be loaded: ');
    expect(errors).toContain('out of coffee');
  });
});

test('--help tells all options and all kinds of faults', async () => {
  const { code, output } = await new Workspace().run('simulate', '--help');
  expect(code).toBe(0);
  for (const word of ['--seeds', '--without-faults', '--trace', 'power-cut', 'bit-flip', 'tsx']) {
    expect(output).toContain(word);
  }
});
