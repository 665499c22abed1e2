import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../examples/live-members/dist/demo.js', import.meta.url));

it('processes are killed and come back, groups get new leaders, and the death of a node takes no member offline', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { timeout: 110_000 });
  const lines = stdout.split('\n');
  const versions = lines.flatMap((line) => /^(\d+):/.exec(line)?.[1] ?? []).map(Number);
  expect(versions).toEqual(versions.map((_, at) => at + 1));
  // In this order; on a machine that is too busy for beats, with others between them.
  const story = [
    'member-joined cleo',
    'group-leader-changed storage to cleo',
    'member-joined bob',
    'member-joined ada',
    'the process of cleo is killed',
    'member-offline cleo',
    'group-leader-changed storage to ada',
    'the process of cleo is started again',
    'member-online cleo',
    'the node that leads is killed',
    'ada leaves',
    'group-member-left storage ada',
    'group-leader-changed storage to bob',
    'member-left ada',
    'bob, cleo are there',
  ];
  const places = story.map((what) => lines.findLastIndex((line) => line.endsWith(what)));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((left, right) => left - right));
});
