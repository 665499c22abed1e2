#!/usr/bin/env node
/**
 * The command `decoraft`: that of `@decoraft/cli`, wherever it is. The façade does not depend on it, so that what is
 * installed in production has no compiler; it is looked for here, while running, and fetched where it is missing. So
 * `npx decoraft init` works in an empty folder.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = installed();
if (main === undefined) fetched();
else await import(pathToFileURL(main).href);

/** Where it is for the project in the working directory, else beside this package. */
function installed(): string | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      const { resolve } = createRequire(from);
      return join(dirname(resolve('@decoraft/cli/package.json')), 'dist', 'main.js');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

/** By npx, in the version of this package: they are released together. Ends as it ends. */
function fetched(): void {
  const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };
  const wanted = ['--yes', '--package', `@decoraft/cli@${version}`, '--', 'decoraft-cli'];
  const args = [...wanted, ...process.argv.slice(2)];
  // Windows runs a `.cmd` through its shell only, which takes one line.
  const isWindows = process.platform === 'win32';
  const child = isWindows
    ? spawn(['npx.cmd', ...args.map((arg) => `"${arg.replaceAll('"', '""')}"`)].join(' '), {
        shell: true,
        stdio: 'inherit',
      })
    : spawn('npx', args, { stdio: 'inherit' });
  // A terminal's Ctrl+C reaches the child as well: what it then does is waited for.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    const remedy = 'npm install --save-dev @decoraft/cli';
    process.stderr.write(`decoraft: npx could not be run (${error.message}): ${remedy}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}
