import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft explain`: what stands in docs/problems.md of a code. */
export const explainVerb = {
  help: [
    'Usage: decoraft explain [CODE]',
    '',
    'Says what a problem of the generator means and why it is refused, with a wrong and a right example.',
    'Without a code it lists them all.',
    '',
    'Exits with 0, or with 2 when there is no such code.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [code, ...others] = args;
  if (others.length > 0) throw new UsageError('explain: takes one code');
  const entries = readEntries();
  if (code === undefined) {
    for (const known of entries.keys()) terminal.print(known);
    return EXIT.done;
  }
  const entry = entries.get(code);
  if (entry === undefined) {
    throw new UsageError(`explain: there is no code ${code}; \`decoraft explain\` lists them`);
  }
  terminal.print(entry);
  return EXIT.done;
}

/** Beside `dist` in the package, which carries a copy (`scripts/copy-docs.mjs`); above it in the repository. */
const PAGES = ['../docs/problems.md', '../../../docs/problems.md'];

/** The entries of the page by their codes, each as it is written there. */
function readEntries(): ReadonlyMap<string, string> {
  const paths = PAGES.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`docs/problems.md is missing from the package: ${paths[0]}`);
  const [, ...entries] = readFileSync(path, 'utf8').split(/^## /m);
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('\n')), entry.trim()]));
}
