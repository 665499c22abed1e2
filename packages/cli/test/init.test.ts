import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Workspace } from './command.js';

const WRITTEN = ['.gitignore', 'README.md', 'decoraft.lock.json', 'package.json', 'src', 'tsconfig.json'];

describe('decoraft init', () => {
  test('writes a project, its client as well, and says what to type next', async () => {
    const workspace = new Workspace();
    const { code, output, errors } = await workspace.run('init', 'My Cluster');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(workspace.list('My Cluster')).toEqual(WRITTEN);
    expect(workspace.list('My Cluster/src/generated')).toEqual([
      'key-value.client.ts',
      'key-value.operations.ts',
      'operations.ts',
    ]);
    expect(workspace.read('My Cluster/README.md')).toMatch(/^# my-cluster\n/);
    expect(output).toContain('wrote My Cluster/src/key-value.machine.ts\n');
    expect(output).toMatch(/\n {2}cd "My Cluster"\n {2}npm install\n {2}npm test .*\n {2}npm start /);
    expect(await new Workspace().run('init')).toMatchObject({
      code: 0,
      output: expect.not.stringMatching(/ cd /),
    });
  });

  test('asks for the release of Decoraft that it is of', async () => {
    const workspace = new Workspace();
    await workspace.run('init', '--name', '@acme/store');
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(JSON.parse(workspace.read('package.json'))).toMatchObject({
      name: '@acme/store',
      dependencies: { decoraft: `^${version}` },
      devDependencies: { '@decoraft/cli': `^${version}` },
    });
    expect(workspace.read('package.json')).not.toContain('{{');
  });

  test('gives scripts only that name files which are there', async () => {
    const workspace = new Workspace();
    await workspace.run('init');
    const { scripts } = JSON.parse(workspace.read('package.json')) as { scripts: Record<string, string> };
    const named = Object.values(scripts).flatMap((script) => script.match(/src\/[a-z-]+\.ts/g) ?? []);
    expect(named).toEqual(['src/cluster.ts', 'src/client.ts']);
    expect(named.filter((path) => !existsSync(workspace.path(path)))).toEqual([]);
  });

  test('writes nothing where it would write over something, and names it', async () => {
    const workspace = new Workspace({ 'package.json': '{}\n', 'src/node.ts': '', 'notes.txt': '' });
    const { code, output, errors } = await workspace.run('init');
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toContain('package.json: is there already\nsrc/node.ts: is there already\n');
    expect(workspace.list()).toEqual(['notes.txt', 'package.json', 'src']);
    expect(workspace.read('package.json')).toBe('{}\n');
  });

  test('goes beside what it does not touch', async () => {
    const workspace = new Workspace({ 'notes.txt': '' });
    expect((await workspace.run('init')).code).toBe(0);
  });

  test.each([['Upper'], ['with space'], ['.hidden'], ['@acme/'], ['']])(
    'does not take %j for the name of a package',
    async (name) => {
      const workspace = new Workspace();
      expect((await workspace.run('init', '--name', name)).code).toBe(2);
      expect(workspace.list()).toEqual([]);
    },
  );
});
