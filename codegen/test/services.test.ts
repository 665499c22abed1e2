import { describe, expect, test } from 'vitest';
import { createGenerator } from '../src/index.js';
import { codes, machine, outputs, run, textOf, Workspace } from './workspace.js';

/** The source of a service with one method. */
const service = (name: string, methods = 'greet(name: string): string { return name; }'): string =>
  `import { rpc, RpcService } from 'decoraft';\n\nexport class ${name} extends RpcService {\n  @rpc ${methods}\n}\n`;

describe('services', () => {
  test('are looked for in *.service.ts, and stand beside the machines', () => {
    const workspace = new Workspace({
      'src/greeter.service.ts': service('Greeter'),
      'src/store.machine.ts': machine('Store'),
    });
    const result = run(workspace);
    expect(result.classes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'service Greeter',
      'machine Store',
    ]);
    expect(outputs(workspace, result)).toEqual([
      'src/generated/greeter.client.ts',
      'src/generated/greeter.operations.ts',
      'src/generated/operations.ts',
      'src/generated/store.client.ts',
      'src/generated/store.operations.ts',
    ]);
    expect(textOf(result, 'generated/operations.ts')).toContain("import './greeter.operations.js';");
  });

  test('share a file with machines, whatever the file is called', () => {
    const both = `${service('Greeter')}${machine('Store')}`;
    const workspace = new Workspace({ 'both.ts': both });
    const { classes, problems } = run(workspace, { patterns: ['both.ts'] });
    expect(problems).toEqual([]);
    expect(classes.map(({ name }) => name)).toEqual(['Greeter', 'Store']);
  });

  test('of the name of a machine would be written to the same file, which names both', () => {
    const workspace = new Workspace({
      'greeter.machine.ts': machine('Greeter'),
      'greeter.service.ts': service('Greeter'),
    });
    const { problems } = run(workspace);
    expect(problems).toMatchObject([
      { code: 'file-name-clash', subject: 'Greeter', position: { file: 'greeter.service.ts', line: 3 } },
    ]);
    expect(problems[0]?.message).toContain('Greeter (greeter.machine.ts:3)');
  });

  test('have no two methods whose names have one id', () => {
    const text = service('A', 'closeUser249(): void {}\n  @rpc setLabel620(): void {}');
    const { problems } = run(new Workspace({ 'a.service.ts': text }));
    expect(problems).toMatchObject([{ code: 'member-id-clash', subject: 'A.setLabel620' }]);
  });

  test('that change are generated anew, and those that go take their files with them', () => {
    const workspace = new Workspace({ 'a.service.ts': service('A'), 'b.service.ts': service('B') });
    const generator = createGenerator({ cwd: workspace.root });
    const client = () => textOf(generator.generate(), 'a.client.ts');
    expect(client()).toContain('greet(name: string): Promise<string> {');
    workspace.write('a.service.ts', service('A', 'async *greet(to: number): AsyncIterable<bigint> {}'));
    expect(client()).toContain('greet(to: number): AsyncIterable<bigint> {');
    workspace.write('a.service.ts', service('A').replace('@rpc', '@rpc @rpc'));
    expect(codes(generator.generate())).toEqual(['a.service.ts decorated-twice']);
    workspace.write('a.service.ts', service('A'));
    workspace.remove('b.service.ts');
    expect(outputs(workspace, generator.generate())).not.toContain('generated/b.client.ts');
  });

  test('become a machine, or a machine a service, when the base changes', () => {
    const workspace = new Workspace({ 'a.service.ts': service('A') });
    const generator = createGenerator({ cwd: workspace.root });
    expect(textOf(generator.generate(), 'a.operations.ts')).toContain('defineService(A, {');
    workspace.write('a.service.ts', machine('A'));
    expect(textOf(generator.generate(), 'a.operations.ts')).toContain('defineOperations(A, {');
  });
});
