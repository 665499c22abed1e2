import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program as a browser gets it. */
export interface Bundle {
  readonly code: string;
  /** Minified, and the same compressed. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** What it was made of, as paths in the repository. */
  readonly modules: readonly string[];
}

/**
 * Bundles and minifies as an application would, with nothing configured for our sake.
 *
 * @param path Of the program, in the repository.
 * @param text What stands there, when there is no such file.
 */
export async function bundle(path: string, text?: string): Promise<Bundle> {
  const modules: string[] = [];
  const entry = join(root, path);
  const page: Plugin = {
    name: 'page',
    resolveId: (id) => (id === entry ? entry : undefined),
    load: (id) => (id === entry ? text : undefined),
    moduleParsed: ({ id }) => void modules.push(relative(root, id)),
  };
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [page],
    build: { write: false, target: 'es2022', modulePreload: false, rolldownOptions: { input: entry } },
  });
  const [chunk, ...others] = 'output' in result ? result.output : [];
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error('the bundle is not one chunk');
  const { code } = chunk;
  return { code, bytes: Buffer.byteLength(code), gzipBytes: gzipSync(code).length, modules };
}
