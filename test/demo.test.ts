import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../examples/key-value/dist/demo.js', import.meta.url));

it('the demo kills the leader and shows that nothing was lost', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { timeout: 100_000 });
  const lines = stdout.trim().split('\n').slice(-6);
  expect(lines).toEqual([
    expect.stringMatching(/^leader killed: [abc], after \d+ acknowledged writes$/),
    expect.stringMatching(/^new leader: [abc]$/),
    expect.stringMatching(/^acknowledged writes 2000 of 2000 present on survivor [abc]$/),
    expect.stringMatching(/^acknowledged writes 2000 of 2000 present on survivor [abc]$/),
    'events received 2000 of 2000 in order',
    expect.stringMatching(/^old leader back and caught up: 2000 of 2000 writes present on [abc]$/),
  ]);
});
