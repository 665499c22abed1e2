import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { read, write } from '@decoraft/protocol';
import { check, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { FIXTURES, runFixtures, shortPath } from './fixtures.js';
import { machine, run, Workspace } from './workspace.js';

const { files } = runFixtures();

/** The compilers that users may have; the last has only a command line. */
const COMPILERS = ['typescript-5.9', 'typescript', 'typescript-7'];

const OPTIONS = {
  noUnusedLocals: true,
  noUnusedParameters: true,
  noUncheckedIndexedAccess: true,
  paths: {
    decoraft: ['./modules/decoraft.d.ts'],
    'decoraft/client': ['./modules/decoraft-client.d.ts'],
    '@decoraft/state-machine': ['./modules/decoraft.d.ts'],
    '@decoraft/service': ['./modules/decoraft.d.ts'],
    '@decoraft/client': ['./modules/decoraft-client.d.ts'],
    crm: ['./modules/crm.d.ts'],
  },
};

describe.each(COMPILERS)('with %s', (compiler) => {
  test('all that is generated compiles under strict options, and none of it is unused', () => {
    const workspace = new Workspace({ 'package.json': '{ "type": "module" }' });
    cpSync(FIXTURES, workspace.root, { recursive: true });
    for (const { path, text } of files) workspace.write(shortPath(path), text);
    const names = files.map(({ path }) => shortPath(path));
    expect(names.length).toBeGreaterThan(200);
    // What is wrong with a fixture itself is its own affair: some are so on purpose.
    const faults = compile(compiler, workspace, names).filter((line) => line.includes('/generated/'));
    expect(faults).toEqual([]);
  });

  test('so does what is generated from modules of either kind', () => {
    const workspace = new Workspace({
      'package.json': '{ "type": "commonjs" }',
      'one.machine.mts': machine('One', '{ a: string }'),
      'other.machine.cts': machine('Other', '`user-${string}`'),
      'tsconfig.json': JSON.stringify({ compilerOptions: { ...LOOSE, ...OPTIONS } }),
    });
    cpSync(join(FIXTURES, 'modules'), workspace.path('modules'), { recursive: true });
    const generated = run(workspace, { outDirectory: 'generated' }).files;
    for (const { path, text } of generated) workspace.write(workspace.short(path), text);
    expect(generated.length).toBe(5);
    const names = generated.map(({ path }) => workspace.short(path));
    expect(compile(compiler, workspace, names)).toEqual([]);
  });

  test('a mistake in what is generated would be seen', () => {
    const workspace = new Workspace({ 'package.json': '{ "type": "module" }' });
    cpSync(join(FIXTURES, 'modules'), workspace.path('modules'), { recursive: true });
    cpSync(join(FIXTURES, 'tsconfig.json'), workspace.path('tsconfig.json'));
    workspace.write('generated/a.client.ts', "import { MachineClient } from 'decoraft/client';\n");
    const [fault, ...others] = compile(compiler, workspace, ['generated/a.client.ts']);
    expect(fault).toMatch(/generated\/a\.client\.ts.* error TS6133: 'MachineClient' is declared/);
    expect(others).toEqual([]);
  });
});

test('what decoders and encoders call takes what they give, which the declarations of fixtures promise', () => {
  // A function that takes less runs all the same, but strict compilers refuse the call: `read.null(reader)`.
  const short = [
    ...Object.entries(read).filter(([, { length }]) => length < 1),
    ...Object.entries(write).filter(
      ([name, { length }]) => length < (name === 'only' || name === 'end' ? 1 : 2),
    ),
  ];
  expect(short.map(([name]) => name)).toEqual([]);
});

/** For CommonJS, which cannot have `verbatimModuleSyntax` in sources that import. */
const LOOSE = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  types: [],
  strict: true,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
};

/** One program, as a process; the lines that tell of errors. */
function compile(compiler: string, workspace: Workspace, names: readonly string[]): readonly string[] {
  workspace.write(
    'tsconfig.all.json',
    JSON.stringify({ extends: './tsconfig.json', compilerOptions: OPTIONS, files: names }),
  );
  const command = fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url));
  const args = [command, '-p', workspace.path('tsconfig.all.json'), '--pretty', 'false'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: workspace.root, encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
}

describe('what is generated', () => {
  test.each(files.map((file) => [shortPath(file.path), file] as const))(
    '%s is formatted as prettier would',
    async (_name, { path, text }) => {
      const options = await resolveConfig(join(dirname(FIXTURES), 'fixtures.ts'));
      expect(options).toMatchObject({ singleQuote: true, printWidth: 110 });
      expect(await check(text, { ...options, filepath: basename(path) })).toBe(true);
    },
  );
});
