import { describe, expect, test } from 'vitest';
import { machine, Workspace } from './command.js';

describe('decoraft docs', () => {
  test('prints a reference, or writes it', async () => {
    const workspace = new Workspace({ 'src/a.machine.ts': machine('A') });
    const printed = await workspace.run('docs');
    expect(printed).toMatchObject({ code: 0, errors: '' });
    expect(printed.output).toContain('## A\n\nMachine of version 1, declared in [./src/a.machine.ts]');
    expect(printed.output).toContain('```ts\nget(): string\n```');
    expect((await workspace.run('docs', '--out', 'docs/api.md')).output).toBe('wrote docs/api.md\n');
    expect(workspace.read('docs/api.md')).toContain('declared in [../src/a.machine.ts](../src/a.machine.ts)');
  });

  test('with --check it says what is stale, and writes nothing', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A') });
    const args = ['docs', '--out', 'api.md', '--check'];
    expect(await workspace.run(...args)).toMatchObject({
      code: 1,
      errors: 'api.md: missing\nRun `decoraft docs --out api.md`.\n',
    });
    await workspace.run('docs', '--out', 'api.md');
    expect(await workspace.run(...args)).toMatchObject({ code: 0, output: 'api.md is up to date.\n' });
    workspace.write('a.machine.ts', machine('A', 'number'));
    const { code, errors } = await workspace.run(...args);
    expect(code).toBe(1);
    expect(errors).toContain('    - get(): string\n    + get(): number\n');
    expect(workspace.read('api.md')).toContain('get(): string');
  });

  test('tells problems, and does not understand --check without a file', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A', 'any') });
    expect(await workspace.run('docs')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('type-any'),
    });
    expect((await workspace.run('docs', '--check')).code).toBe(2);
    expect((await workspace.run('docs', '--tsconfig', 'none.json')).code).toBe(2);
  });
});
