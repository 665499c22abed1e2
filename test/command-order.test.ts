import type { DecoraftError } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;
let counter: CounterClient;

beforeEach(async () => {
  cluster = await VirtualCluster.start();
  counter = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
});

afterEach(() => cluster.close());

/** Issues so many at once, each of which adds 1: so its answer is its place in the order in which they were applied. */
const issue = (count: number): Promise<number>[] => Array.from({ length: count }, () => counter.add(1));
const places = (count: number, from = 1): readonly number[] =>
  Array.from({ length: count }, (_, at) => from + at);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('commands that are issued without waiting are applied in the order in which they were issued', () => {
  it('from the first one on, which waits for the session and for the leader, and however many there are', async () => {
    expect(await cluster.during(Promise.all(issue(5_000)))).toEqual(places(5_000));
  });

  it('when connections break under them', async () => {
    await cluster.during(counter.add(1));
    const answers: Promise<number>[] = [];
    for (let round = 0; round < 20; round++) {
      answers.push(...issue(50));
      for (let turns = 0; turns < round % 4; turns++) await turn();
      cluster.network.sever(cluster.address(await cluster.leader()));
      answers.push(...issue(10));
      await cluster.pass(round * 10);
    }
    expect(await cluster.during(Promise.all(answers))).toEqual(places(1_200, 2));
  });

  it('when the leader goes down under them, again and again', async () => {
    await cluster.during(counter.add(1));
    const answers: Promise<number>[] = [];
    for (let round = 0; round < 6; round++) {
      answers.push(...issue(100));
      for (let turns = 0; turns < round; turns++) await turn();
      const leader = await cluster.leader();
      await cluster.stopNode(leader);
      answers.push(...issue(100));
      await cluster.leader();
      await cluster.startNode(leader);
    }
    expect(await cluster.during(Promise.all(answers))).toEqual(places(1_200, 2));
  });

  it('when all nodes go down under them, and come back from their logs or snapshots', async () => {
    await cluster.during(counter.add(1));
    const answers: Promise<number>[] = [];
    for (let round = 0; round < 4; round++) {
      answers.push(...issue(100));
      for (let turns = 0; turns < 2 * round; turns++) await turn();
      if (round % 2 === 1) for (const id of ['a', 'b', 'c']) void cluster.node(id).takeSnapshot();
      for (const id of ['a', 'b', 'c']) await cluster.stopNode(id);
      answers.push(...issue(20));
      // Whoever begins alone waits for others: all of them come before any of them is waited for.
      await Promise.all(['a', 'b', 'c'].map((id) => cluster.startNode(id)));
    }
    expect(await cluster.during(Promise.all(answers))).toEqual(places(480, 2));
  });
});

describe('a command that was given up', () => {
  it('leaves no gap: those behind it are applied in order, and it is applied before them or never', async () => {
    await cluster.during(counter.add(1));
    for (let round = 0; round < 30; round++) {
      const controller = new AbortController();
      const before = await cluster.during(counter.with({ consistency: 'linearizable' }).current());
      const impatient = counter.with({ signal: controller.signal });
      const first = issue(3);
      const given = impatient.add(1).then(
        () => 'answered',
        () => 'given up',
      );
      const last = issue(3);
      for (let turns = 0; turns < round % 5; turns++) await turn();
      if (round % 3 === 0) cluster.network.sever(cluster.address(await cluster.leader()));
      controller.abort(new Error('enough'));
      const answers = await cluster.during(Promise.all([...first, ...last]));
      const happened = (answers[3] ?? 0) - (answers[2] ?? 0) - 1;
      expect([0, 1]).toContain(happened);
      expect(await given).toBe(round % 3 === 0 || happened === 0 ? 'given up' : await given);
      expect(answers).toEqual([...places(3, before + 1), ...places(3, before + 4 + happened)]);
      expect(await cluster.during(counter.with({ consistency: 'linearizable' }).current())).toBe(
        before + 6 + happened,
      );
    }
  });

  it('because its time was up says whether it may have happened, and those behind it wait no longer for it', async () => {
    await cluster.during(counter.add(1));
    for (const id of ['a', 'b', 'c']) await cluster.stopNode(id);
    const late = counter
      .with({ timeoutMs: 2_000 })
      .add(1)
      .catch((error: unknown) => (error as DecoraftError).code);
    const patient = issue(2);
    expect(['Indeterminate', 'Unavailable']).toContain(await cluster.during(late));
    await Promise.all(['a', 'b', 'c'].map((id) => cluster.startNode(id)));
    expect(await cluster.during(Promise.all(patient))).toEqual([2, 3]);
  });
});

it('answers come as commands commit, also to those behind which others are issued all the time', async () => {
  await cluster.during(counter.add(1));
  let answered = 0;
  const answers: Promise<unknown>[] = [];
  for (let round = 0; round < 50; round++) {
    answers.push(...issue(4).map((answer) => answer.then(() => answered++)));
    await cluster.pass(20);
    expect(answers.length - answered).toBeLessThan(60);
  }
  await cluster.during(Promise.all(answers));
});
