import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../examples/task-queue/dist/demo.js', import.meta.url));

it('the task queue survives a dead leader and a dead worker, and refuses what a paused worker brings too late', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { timeout: 110_000 });
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^three nodes and 4 workers run/),
    expect.stringMatching(/^leader killed: [abc]$/),
    'all 300 tasks are in the queue',
    expect.stringMatching(/^worker killed with task 301: \w+$/),
    expect.stringMatching(/^worker paused with task 302: \w+$/),
    expect.stringMatching(/^task 301 was done by \w+$/),
    expect.stringMatching(/^task 302 was done by \w+$/),
    expect.stringMatching(/^\w+ woke up and was refused: its receipt is too old$/),
    'every task is done: 302 of 302, and the queue is empty',
  ]);
});
