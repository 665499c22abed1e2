import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessCluster } from './support/process-cluster.js';

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.start();
});

afterEach(() => cluster.close());

it('three processes apply what one client has under way in its order and once, while leaders and then all are killed', async () => {
  const users = await cluster.users(60_000);
  /** Each `set` answers with the value before it: the chain of answers is the order in which they were applied. */
  const answers: Promise<string | undefined>[] = [];
  let issued = 0;
  const issue = (count: number): void => {
    for (let left = count; left > 0; left--) answers.push(users.set('chain', String(issued++)));
  };
  for (let round = 0; round < 3; round++) {
    issue(500);
    // Some of them are answered, some are on their way.
    await answers.at(-400);
    const leader = await cluster.leader();
    issue(500);
    await leader.kill();
    issue(100);
    await answers.at(-600);
    leader.start();
  }
  issue(300);
  await answers.at(-200);
  await cluster.killAll();
  issue(100);
  cluster.startAll();
  expect(await Promise.all(answers)).toEqual([
    undefined,
    ...Array.from({ length: issued - 1 }, (_, at) => String(at)),
  ]);
  expect(await users.with({ consistency: 'linearizable' }).get('chain')).toBe(String(issued - 1));
});
