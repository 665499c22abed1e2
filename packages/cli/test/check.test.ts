import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Workspace } from './command.js';

const store = (body: string): string => `import { cmd, qry, StateMachine } from 'decoraft';

export class Store extends StateMachine {
  ${body}
}
`;

const RELEASED = store(`@cmd put(key: string): void {}
  @cmd drop(key: string): boolean { return key === ''; }
  @qry get(key: string): string { return key; }`);

const SAFE = RELEASED.replace('put(key: string)', 'put(key: string, ttl?: number)');

const BREAKING = store(`@cmd put(key: string, ttl: number): void {}
  @qry get(key: string): string | undefined { return key; }
  @qry all(): readonly string[] { return []; }`);

/** A repository of its own, in which `released` is what was released. */
async function repository(): Promise<Workspace> {
  const workspace = new Workspace({ 'package.json': '{}', 'src/store.machine.ts': RELEASED });
  await workspace.run('generate');
  const git = (...args: readonly string[]): void => {
    const identity = [
      '-c',
      'user.name=test',
      '-c',
      'user.email=test@example.org',
      '-c',
      'commit.gpgsign=false',
    ];
    execFileSync('git', [...identity, ...args], { cwd: workspace.root, stdio: 'ignore' });
  };
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message', 'before');
  git('tag', 'empty');
  git('add', '.');
  git('commit', '--quiet', '--message', 'release');
  git('tag', 'released');
  return workspace;
}

describe('decoraft check', () => {
  test('is content where nothing has changed, and where all is safe', async () => {
    const workspace = await repository();
    expect(await workspace.run('check', '--against', 'released')).toEqual({
      code: 0,
      output: '1 class against released: nothing changed.\n',
      errors: '',
    });
    workspace.write('src/store.machine.ts', SAFE);
    expect(await workspace.run('check', '--against', 'HEAD')).toEqual({
      code: 0,
      output: [
        'safe',
        '  Store.put  arguments-widened',
        '    - @cmd put(key: string): void',
        '    + @cmd put(key: string, ttl?: number): void',
        '',
        '1 class against HEAD: 1 safe.',
        '',
      ].join('\n'),
      errors: '',
    });
  });

  test('tells what breaks, why, and what to do, worst first; a stale lock hides nothing', async () => {
    const workspace = await repository();
    workspace.write('src/store.machine.ts', BREAKING);
    const { code, output } = await workspace.run('check', '--against', 'released');
    expect(code).toBe(1);
    expect(output.split('\n')).toEqual([
      'breaks the log',
      '  Store.drop  command-removed: old entries and timers call it.',
      '    - @cmd drop(key: string): boolean',
      '    → Mark it `@cmd({ retired: true })`: it is replayed and takes no new calls.',
      '  Store.put  parameter-required: old entries do not have it.',
      '    - @cmd put(key: string): void',
      '    + @cmd put(key: string, ttl: number): void',
      expect.stringMatching(/^ {6}argument 2 \(ttl\): /),
      expect.stringMatching(/^ {4}→ Make it optional/),
      '',
      'breaks clients',
      '  Store.get  result-changed: clients get what they do not know.',
      '    - @qry get(key: string): string',
      '    + @qry get(key: string): string | undefined',
      expect.stringMatching(/^ {6}result: /),
      '    → Give what was given before, and the new in another operation.',
      '',
      'safe',
      '  Store.all  operation-added',
      '    + @qry all(): string[]',
      '',
      '1 class against released: 2 break the log, 1 breaks clients, 1 safe.',
      '',
    ]);
  });

  test('allows what breaks clients only where it is told to, and never what breaks the log', async () => {
    const workspace = await repository();
    const check = async (): Promise<number | null> =>
      (await workspace.run('check', '--against', 'released', '--allow', 'clients')).code;
    workspace.write('src/store.machine.ts', BREAKING);
    expect(await check()).toBe(1);
    workspace.write('src/store.machine.ts', RELEASED.replace('): string {', '): string | undefined {'));
    expect(await check()).toBe(0);
    expect((await workspace.run('check', '--against', 'released')).code).toBe(1);
  });

  test('compares with a file as well, from below, and prints for programs', async () => {
    const workspace = await repository();
    workspace.write('released.json', workspace.read('decoraft.lock.json'));
    workspace.write('src/store.machine.ts', SAFE);
    const { code, output } = await workspace.run('check', '--against', 'released.json', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      against: 'released.json',
      changes: [{ rule: 'arguments-widened', verdict: 'safe', subject: 'Store.put' }],
    });
  });

  test('finds machines that the globs miss and the lock names', async () => {
    const workspace = await repository();
    workspace.write('odd/shelf.ts', RELEASED.replace('Store', 'Shelf'));
    await workspace.run('generate', 'odd/*.ts', 'src/*.ts');
    workspace.write('both.json', workspace.read('decoraft.lock.json'));
    workspace.write('odd/shelf.ts', BREAKING.replace('Store', 'Shelf'));
    const { code, output } = await workspace.run('check', '--against', 'both.json');
    expect(code).toBe(1);
    expect(output).toContain('Shelf.drop  command-removed');
  });

  test('tells problems of the classes first', async () => {
    const workspace = await repository();
    workspace.write('src/store.machine.ts', RELEASED.replace('boolean {', 'any {'));
    const { code, errors } = await workspace.run('check', '--against', 'released');
    expect(code).toBe(1);
    expect(errors).toContain('type-any  Store.drop');
  });

  test('says what it cannot understand, or compare with', async () => {
    const workspace = await repository();
    for (const [args, words] of [
      [[], 'check: say with what to compare: --against main'],
      [['--against', 'nowhere'], '--against nowhere: there is no such file, and git knows no such state'],
      [['--against', 'empty'], '--against empty: there is no decoraft.lock.json in it'],
      [['--against=-p'], '--against -p: name a file, or a branch, tag or commit of git'],
      [['--against', 'package.json'], '--against package.json: the lock has format undefined'],
      [['--against', 'released', '--allow', 'log'], '--allow log: only clients may be allowed'],
    ] as const) {
      const { code, errors } = await workspace.run('check', ...args);
      expect(code).toBe(2);
      expect(errors).toContain(words);
    }
  });
});

describe('decoraft generate', () => {
  test('leaves the lock alone where it is told to', async () => {
    const workspace = new Workspace({ 'package.json': '{}', 'a.machine.ts': RELEASED });
    await workspace.run('generate', '--no-lock');
    expect(workspace.list()).toEqual(['a.machine.ts', 'generated', 'package.json']);
  });

  test('keeps one lock for a package, wherever in it it is called', async () => {
    const workspace = new Workspace({ 'package.json': '{}', 'src/deep/a.machine.ts': RELEASED });
    await workspace.run('generate');
    expect(workspace.read('decoraft.lock.json')).toContain('"source": "src/deep/a.machine.ts"');
    expect(workspace.list('src/deep')).toEqual(['a.machine.ts', 'generated']);
  });
});
