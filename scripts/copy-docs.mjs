/**
 * What `npm pack` and `npm publish` call in a package whose `files` name `docs`: the pages for users stand at the root of the
 * repository, and a package carries a copy. Runs in the package's directory; with `--remove` it takes the copy away.
 */
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const copy = join(process.cwd(), 'docs');
rmSync(copy, { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  cpSync(join(dirname(fileURLToPath(import.meta.url)), '../docs'), copy, { recursive: true });
}
