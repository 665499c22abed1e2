import type { Operation } from '@decoraft/protocol';
import { connect } from 'decoraft/client';
import { startNode } from 'decoraft/server';
import fc from 'fast-check';
import { inspect, isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { arbitraryOf, argumentsOf } from './support/arbitraries.js';
import {
  type Echo,
  echoOf,
  type GeneratedFixtures,
  type GeneratedMachine,
  generateFixtures,
  TELL,
  TELLING,
} from './support/echo-machines.js';
import { closeAll, later } from './support/later.js';
import { misfitOf } from './support/misfits.js';

/** Of each operation: calls that fit, and calls that do not. */
const CALLS = 12;
const MISFITS = 6;
const SEED = 20_261_122;

let fixtures: GeneratedFixtures | undefined;
beforeAll(async () => {
  fixtures = await generateFixtures();
});
afterAll(async () => {
  await closeAll();
  fixtures?.remove();
});

test('values of the types of all fixtures come through a server as they were, those of other types do not', async () => {
  const machines = fixtures?.machines ?? [];
  const echoes = machines.map((machine, at) => ({ machine, echo: echoOf(machine), name: `echo${at}` }));
  const node = later(
    await startNode({
      id: 'a',
      dataDir: ':memory:',
      peers: await freePeers(['a']),
      machines: Object.fromEntries(echoes.map(({ name, echo }) => [name, echo.machine])),
    }),
  );
  const cluster = later(await connect([node.address]));
  const counts = await Promise.all(
    echoes.map(async ({ machine, echo, name }) => {
      const client = new machine.Client(cluster, name) as unknown as Called;
      let count = 0;
      for (const operation of machine.table.operations.filter(({ retired }) => retired !== true)) {
        const pair = { machine, echo, client, operation };
        count += operation.kind === 'sub' ? await listen(pair) : await call(pair);
        count += await callWrong(pair);
      }
      return count;
    }),
  );
  expect(machines.length).toBeGreaterThan(60);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2_000);
});

/** A generated client, by the names of its methods, and with what its methods call. */
type Called = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

interface Pair {
  readonly machine: GeneratedMachine;
  readonly echo: Echo;
  readonly client: Called;
  readonly operation: Operation;
}

function argumentsFor({ machine, operation }: Pair): fc.Arbitrary<unknown[]> {
  return argumentsOf(operation, machine.table.types);
}

function sample<Value>(arbitrary: fc.Arbitrary<Value>, count: number): readonly Value[] {
  return fc.sample(arbitrary, { numRuns: count, seed: SEED });
}

/** There and back: the arguments, and the result. */
async function call(pair: Pair): Promise<number> {
  const { machine, echo, client, operation } = pair;
  const results = arbitraryOf(operation.result, machine.table.types);
  for (const [args, result] of sample(fc.tuple(argumentsFor(pair), results), CALLS)) {
    echo.gives = result;
    const answer = await client[operation.name]?.(...args);
    compare(pair, 'arguments', withoutEnd(args), withoutEnd(echo.got ?? []));
    compare(pair, 'result', result, answer);
  }
  return CALLS;
}

/** What is told to whoever selected just this. */
async function listen(pair: Pair): Promise<number> {
  const { machine, echo, client, operation } = pair;
  const values = arbitraryOf(operation.result, machine.table.types);
  for (const [args, value] of sample(fc.tuple(argumentsFor(pair), values), CALLS)) {
    const [heard, stop] = await new Promise<readonly [unknown, () => Promise<void>]>((resolve, reject) => {
      const subscribed = client[operation.name]?.(...args, (told: unknown) => {
        subscribed?.then((unsubscribe) => resolve([told, unsubscribe as () => Promise<void>]), reject);
      });
      echo.gives = value;
      subscribed?.then(() => client['command']?.(TELLING.id, TELL, [operation.name, args])).catch(reject);
    });
    compare(pair, 'value', value, heard);
    await stop();
  }
  return CALLS;
}

/** Nothing that does not fit gets through, wherever in the arguments it is. */
async function callWrong(pair: Pair): Promise<number> {
  const { machine, echo, client, operation } = pair;
  const [randomness] = sample(fc.infiniteStream(fc.nat()), 1);
  const pick = (below: number): number => (below === 0 ? 0 : Number(randomness?.next().value) % below);
  let count = 0;
  for (const args of sample(argumentsFor(pair), MISFITS)) {
    const at = pick(args.length);
    const schema = operation.parameters[at]?.schema ?? operation.rest?.schema;
    const wrong =
      schema && args.length > 0 ? misfitOf(schema, machine.table.types, args[at], pick) : undefined;
    if (!wrong) continue;
    count++;
    const sent = args.with(at, wrong.value);
    echo.got = undefined;
    const listener = operation.kind === 'sub' ? [() => undefined] : [];
    const refusal: unknown = await client[operation.name]?.(...sent, ...listener).then(
      () => 'no refusal',
      (error: unknown) => error,
    );
    expect(refusal, `${placeOf(pair)}(${show(sent)})`).toMatchObject({ code: 'InvalidArgument' });
    expect(echo.got, 'what reached the machine').toBeUndefined();
  }
  return count;
}

/** What may be left out at the end is as good as `undefined` there. */
function withoutEnd(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

function compare(pair: Pair, what: string, sent: unknown, came: unknown): void {
  if (isDeepStrictEqual(sent, came)) return;
  throw new Error(`${placeOf(pair)}: the ${what} ${show(sent)} came as ${show(came)}`);
}

function placeOf({ machine, operation }: Pair): string {
  return `${machine.label}.${operation.name}`;
}

function show(value: unknown): string {
  return inspect(value, { depth: 9, breakLength: Infinity });
}
