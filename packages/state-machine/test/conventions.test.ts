import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const machine = fileURLToPath(new URL('conventions/machine.ts.txt', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'decoraft-conventions-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Compiles the machine with tsc and runs what came out, as a user's build would. */
function compileAndRun(name: string, compilerOptions: Readonly<Record<string, unknown>>): string {
  const project = join(directory, name);
  mkdirSync(project);
  copyFileSync(machine, join(project, 'machine.ts'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const strict = { strict: true, target: 'es2022', module: 'nodenext', types: ['node'], skipLibCheck: true };
  const tsconfig = { compilerOptions: { ...strict, ...compilerOptions }, files: ['machine.ts'] };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
  execFileSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  return execFileSync(process.execPath, [join(project, 'machine.js')], { encoding: 'utf8' });
}

describe('one import serves both decorator conventions', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['legacy', { experimentalDecorators: true }],
    ['legacy with assigned fields', { experimentalDecorators: true, useDefineForClassFields: false }],
    ['legacy, for an engine without private fields,', { experimentalDecorators: true, target: 'es2020' }],
    ['standard', {}],
  ])('%s decorators compile, run, and find mistakes', (name, options) => {
    const said = compileAndRun(name, options);
    expect(said).toContain('Doubled.act is decorated twice');
    expect(said).toContain('Hidden.#count would be in no snapshot');
  });
});
