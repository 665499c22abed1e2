import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

/** Packs everything that is published, as npm would; the paths of the tarballs in `folder`. */
export async function packAll(folder: string): Promise<readonly string[]> {
  const directories = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return Promise.all(
    ['codegen', ...directories].map(async (directory) => {
      const args = ['pack', '--silent', '--pack-destination', folder];
      const { stdout } = await execute('npm', args, { cwd: join(root, directory) });
      return join(folder, stdout.trim().split('\n').at(-1) ?? '');
    }),
  );
}

/** The version of a library that this repository has installed. */
export function versionOf(library: string): string {
  const manifest = readFileSync(join(root, 'node_modules', library, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
