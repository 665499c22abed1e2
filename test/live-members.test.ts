import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../examples/live-members/dist/demo.js', import.meta.url));

it('processes are killed and come back, groups get new leaders, and the death of a node takes no member offline', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { timeout: 110_000 });
  // What the processes say themselves comes when it comes.
  const lines = stdout.split('\n').filter((line) => /^(?:\d+:|---)/.test(line));
  expect(lines).toEqual([
    '1: member-joined cleo',
    '2: group-created storage',
    '3: group-member-joined storage cleo',
    '4: group-leader-changed storage to cleo',
    '5: member-joined bob',
    '6: group-member-joined storage bob',
    '7: member-joined ada',
    '8: group-member-joined storage ada',
    '--- the process of cleo is killed',
    '9: member-offline cleo',
    '10: group-member-offline storage cleo',
    '11: group-leader-changed storage to ada',
    '--- the process of cleo is started again',
    '12: member-online cleo',
    '13: group-member-online storage cleo',
    '--- the node that leads is killed',
    '--- ada leaves',
    '14: group-member-left storage ada',
    '15: group-leader-changed storage to bob',
    '16: member-left ada',
    '--- version 16: bob, cleo are there',
  ]);
});
