import { describe, expect, test } from 'vitest';
import { machine, Workspace } from './command.js';

describe('decoraft generate', () => {
  test('writes what is missing, then nothing more', async () => {
    const workspace = new Workspace({ 'src/key-value.machine.ts': machine('KeyValue') });
    expect(await workspace.run('generate')).toEqual({
      code: 0,
      output:
        'wrote decoraft.lock.json\n' +
        'wrote src/generated/key-value.client.ts\n' +
        'wrote src/generated/key-value.operations.ts\n' +
        'wrote src/generated/operations.ts\n' +
        '1 machine: 4 files written, 0 up to date.\n',
      errors: '',
    });
    expect(workspace.read('src/generated/key-value.client.ts')).toContain('get(): Promise<string> {');
    expect((await workspace.run('generate')).output).toBe('1 machine: 0 files written, 4 up to date.\n');
  });

  test('reads what globs name and writes where --out says', async () => {
    const workspace = new Workspace({ 'a.ts': machine('A'), 'b.ts': machine('B'), 'c.ts': machine('C') });
    expect((await workspace.run('generate', 'a.ts', 'b.ts', '--out', 'out')).code).toBe(0);
    expect(workspace.list('out')).toEqual([
      'a.client.ts',
      'a.operations.ts',
      'b.client.ts',
      'b.operations.ts',
      'operations.ts',
    ]);
  });

  test('leaves out the links to the class where a project may not see it', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A') });
    await workspace.run('generate');
    expect(workspace.read('generated/a.client.ts')).toContain('{@link A.get}');
    await workspace.run('generate', '--no-links');
    expect(workspace.read('generated/a.client.ts')).not.toContain('a.machine.js');
  });

  test('tells all problems, with places and remedies, and writes nothing', async () => {
    const workspace = new Workspace({
      'a.machine.ts': machine('A', 'any'),
      'b.machine.ts': machine('B', 'RegExp'),
      'c.machine.ts': machine('C'),
    });
    const { code, output, errors } = await workspace.run('generate');
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors.split('\n')).toEqual([
      'a.machine.ts:4:15  type-any  A.get: the result is `any`, which nobody could check',
      expect.stringMatching(/^ {4}Write the type of the data/),
      'b.machine.ts:4:15  type-library  B.get: the result is of type RegExp, which the wire does not carry',
      expect.stringMatching(/^ {4}Carried are primitives/),
      'What a code means: `npx decoraft explain type-any`.',
      '2 problems; nothing was written.',
      '',
    ]);
    expect(workspace.list()).toEqual(['a.machine.ts', 'b.machine.ts', 'c.machine.ts']);
  });

  test('tells warnings and goes on, also in a check', async () => {
    const text = machine('A', 'Unchecked').replace('{ qry', '{ type Unchecked, qry');
    const workspace = new Workspace({ 'a.machine.ts': text });
    const told = [
      expect.stringMatching(/^a\.machine\.ts:4:15 {2}warning type-unchecked {2}A\.get: the result is marked/),
      expect.stringMatching(/^ {4}Look at the value/),
      'What a code means: `npx decoraft explain type-unchecked`.',
      '1 warning.',
      '',
    ];
    const first = await workspace.run('generate');
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('4 files written') });
    expect(first.errors.split('\n')).toEqual(told);
    const check = await workspace.run('generate', '--check');
    expect(check).toMatchObject({ code: 0, output: '4 files up to date.\n' });
    expect(check.errors.split('\n')).toEqual(told);
  });

  test('to find no machine is an error that names the globs', async () => {
    const { code, errors } = await new Workspace().run('generate', 'src/*.ts');
    expect(code).toBe(1);
    expect(errors).toContain('no-machine  no machine and no service found in src/*.ts');
  });

  test('takes away what no machine stands behind any more', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A'), 'b.machine.ts': machine('B') });
    await workspace.run('generate');
    workspace.remove('b.machine.ts');
    expect((await workspace.run('generate')).output).toBe(
      'wrote decoraft.lock.json\n' +
        'wrote generated/operations.ts\n' +
        'removed generated/b.client.ts\n' +
        'removed generated/b.operations.ts\n' +
        '1 machine: 2 files written, 2 up to date.\n',
    );
  });

  test('reads a tsconfig that is not valid as an error, not as a crash', async () => {
    const workspace = new Workspace({
      'a.machine.ts': machine('A'),
      'tsconfig.json': '{ "compilerOptions": ',
    });
    const { code, errors } = await workspace.run('generate');
    expect(code).toBe(1);
    expect(errors).toMatch(/^decoraft: /);
    expect(errors).not.toContain('    at ');
  });
});

describe('decoraft generate --check', () => {
  test('is content with what is fresh', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A') });
    await workspace.run('generate');
    expect(await workspace.run('generate', '--check')).toEqual({
      code: 0,
      output: '4 files up to date.\n',
      errors: '',
    });
  });

  test('tells what is missing, different and orphaned, and writes nothing', async () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A'), 'b.machine.ts': machine('B') });
    await workspace.run('generate');
    workspace.write('a.machine.ts', machine('A', 'number'));
    workspace.remove('b.machine.ts');
    workspace.remove('generated/operations.ts');
    const before = workspace.list('generated');
    const { code, output, errors } = await workspace.run('generate', '--check');
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors.split('\n')).toEqual([
      'decoraft.lock.json: differs',
      '    line 10:',
      expect.stringContaining('"signature": "get(): string"'),
      ...Array.from({ length: 5 }, () => expect.stringMatching(/^ {4}- /)),
      expect.stringContaining('"signature": "get(): number"'),
      'generated/a.client.ts: differs',
      '    line 23:',
      '    -   get(): Promise<string> {',
      '    +   get(): Promise<number> {',
      expect.stringMatching(/^ {4}line \d+:$/),
      expect.stringMatching(/^ {4}- {7}contract: \d+,$/),
      expect.stringMatching(/^ {4}\+ {7}contract: \d+,$/),
      expect.stringMatching(/^ {4}line \d+:$/),
      "    -       result: { kind: 'string' },",
      "    +       result: { kind: 'number' },",
      'generated/a.operations.ts: differs',
      expect.stringMatching(/^ {4}line \d+:$/),
      expect.stringMatching(/^ {4}- .*'string'/),
      expect.stringMatching(/^ {4}\+ .*'number'/),
      'generated/b.client.ts: its class is gone',
      'generated/b.operations.ts: its class is gone',
      'generated/operations.ts: missing',
      '6 files stale: run `decoraft generate`.',
      '',
    ]);
    expect(workspace.list('generated')).toEqual(before);
  });

  test('tells problems before anything else', async () => {
    const { code, errors } = await new Workspace({ 'a.machine.ts': machine('A', 'any') }).run(
      'generate',
      '--check',
    );
    expect(code).toBe(1);
    expect(errors).toContain('type-any');
  });
});

describe('decoraft generate --watch', () => {
  test('generates after every change, lives through mistakes, and ends when interrupted', async () => {
    const workspace = new Workspace({ 'src/a.machine.ts': machine('A') });
    const running = workspace.start('generate', '--watch');
    const client = 'src/generated/a.client.ts';
    await running.until('the first files', () => running.output.includes('Watching'));
    expect(workspace.read(client)).toContain('get(): Promise<string>');

    workspace.write('src/a.machine.ts', machine('A', 'number'));
    await running.until('an edit', () => workspace.read(client).includes('get(): Promise<number>'));

    workspace.write('src/a.machine.ts', machine('A').replace('get(): string {', 'get(: {'));
    await running.until('a syntax error', () => running.errors.includes('syntax-error'));
    workspace.write('src/a.machine.ts', machine('A', 'any'));
    await running.until('a problem', () => running.errors.includes('type-any'));
    expect(workspace.read(client)).toContain('get(): Promise<number>');

    workspace.write('src/a.machine.ts', machine('A', 'bigint'));
    await running.until('the mistake is mended', () => workspace.read(client).includes('Promise<bigint>'));

    workspace.write('src/new/deep/b.machine.ts', machine('B'));
    await running.until('a new directory', () => workspace.has('src/new/deep/generated/b.client.ts'));

    workspace.remove('src/a.machine.ts');
    await running.until('a file is removed', () => !workspace.has(client));

    running.interrupt();
    expect((await running.finished).code).toBe(0);
  });

  test('sees files that machines import, wherever they are', async () => {
    const outside = new Workspace({ 'item.ts': 'export interface Item { id: string }\n' });
    const source = machine('A', 'Item').replace(
      '\n',
      `\nimport type { Item } from '${outside.path('item.js')}';\n`,
    );
    const workspace = new Workspace({ 'a.machine.ts': source });
    const running = workspace.start('generate', '--watch');
    const table = 'generated/a.operations.ts';
    await running.until('the first files', () => running.output.includes('Watching'));
    expect(workspace.read(table)).toContain("name: 'id', schema: { kind: 'string' }");
    outside.write('item.ts', 'export interface Item { id: Date }\n');
    await running.until('an edit', () =>
      workspace.read(table).includes("name: 'id', schema: { kind: 'date' }"),
    );
    running.interrupt();
    expect((await running.finished).code).toBe(0);
  });
});

describe('what the command does not understand', () => {
  const workspaceWithMachine = () => new Workspace({ 'a.machine.ts': machine('A') });

  test.each([
    [['generate', '--colour'], "Unknown option '--colour'"],
    [['generate', '--out'], "'--out <value>' argument missing"],
    [['generate', '--check=yes'], "'--check' does not take an argument"],
    [['generate', '--check', '--watch'], '--check and --watch exclude each other'],
    [['generate', '--tsconfig', 'nowhere.json'], 'there is no nowhere.json'],
    [['start'], 'there is no verb start'],
    [['--verbose'], 'there is no option --verbose'],
    [[], 'no verb given'],
  ])('%j is told and ends with 2', async (args, message) => {
    const workspace = workspaceWithMachine();
    const { code, output, errors } = await workspace.run(...args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(message);
    expect(errors).toContain('Try `decoraft --help`.');
    expect(workspace.list()).toEqual(['a.machine.ts']);
  });

  test.each([[['--help']], [['-h']], [['generate', '--help']], [['generate', '-h', '--nonsense']]])(
    '%j asks for help, which is no error',
    async (args) => {
      const { code, output, errors } = await new Workspace().run(...args);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(/^Usage: decoraft /);
    },
  );

  test('--version is the one of the package', async () => {
    const { code, output } = await new Workspace().run('--version');
    expect(code).toBe(0);
    expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
