import { PROBLEM_CODES } from '@decoraft/codegen';
import { describe, expect, test } from 'vitest';
import { machine, Workspace } from './command.js';

describe('decoraft explain', () => {
  test('prints the entry of a code', async () => {
    const { code, output } = await new Workspace().run('explain', 'type-any');
    expect(code).toBe(0);
    expect(output).toMatch(/^type-any\n\nA parameter, a result or an event's value is `any`/);
    expect(output).toContain('Wrong:');
    expect(output).toContain('Right:');
    expect(output).not.toContain('type-unknown');
  });

  test('lists all codes where none is given', async () => {
    const { output } = await new Workspace().run('explain');
    expect(output.trim().split('\n').toSorted()).toEqual([...PROBLEM_CODES].toSorted());
  });

  test('says where the codes are when there is none of that name', async () => {
    const { code, errors } = await new Workspace().run('explain', 'type-whatever');
    expect(code).toBe(2);
    expect(errors).toContain('there is no code type-whatever; `decoraft explain` lists them');
    expect((await new Workspace().run('explain', 'type-any', 'type-never')).code).toBe(2);
  });

  test('is what generate points to, in words that can be pasted', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A', 'any') });
    const { errors } = await workspace.run('generate');
    const [, code = ''] = /decoraft explain ([a-z-]+)/.exec(errors) ?? [];
    expect((await workspace.run('explain', code)).output).toContain('Right:');
  });
});
