import { messageOf } from '@decoraft/base';
import { type Comparison, compareWith, lockPathOf, LockSyntaxError } from '@decoraft/codegen';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeChanges } from './changes-text.js';
import { readReleasedLock } from './released-lock.js';
import { reportProblems } from './report.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft check`: what a change does to the logs and clients of what was released. */
export const checkVerb = {
  help: [
    'Usage: decoraft check [globs…] --against REF [options]',
    '',
    'Compares the classes as they are now with the decoraft.lock.json of what was released, and sorts what has changed:',
    'what is safe; what breaks clients that were generated before; what breaks the log, so that old entries or snapshots',
    'could not be replayed. Without globs it reads what `generate` reads, and all that either lock names. Writes nothing.',
    '',
    '  --against REF     What was released: a branch, tag or commit of git that has the lock, or a file.',
    '  --allow clients   Be content with what breaks clients only, such as in a major release.',
    '  --json            Print the changes as JSON.',
    '  --tsconfig FILE   Read compiler options from FILE, as for `generate`.',
    '',
    'Exits with 0 when all is safe, 1 when something breaks or the classes have problems, 2 when the command was not',
    'understood or there is nothing to compare with. docs/evolution.md has each rule with its remedy.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { against, isAllowed, isJson, patterns, tsconfig } = parse(args, terminal.cwd);
  const lockPath = lockPathOf(terminal.cwd);
  const text = readReleasedLock(against, { cwd: terminal.cwd, directory: dirname(lockPath) });
  const comparison = compare(text, against, {
    cwd: terminal.cwd,
    lockPath,
    patterns,
    ...(tsconfig === undefined ? {} : { tsconfig }),
  });
  if (reportProblems(comparison, terminal)) return EXIT.failed;
  const lines = isJson
    ? [JSON.stringify({ against, changes: comparison.changes }, undefined, 2)]
    : describeChanges(comparison, against);
  for (const line of lines) terminal.print(line);
  const breaks = comparison.changes.filter(({ verdict }) => !isAllowed(verdict));
  return breaks.length > 0 ? EXIT.failed : EXIT.done;
}

function compare(text: string, against: string, options: Parameters<typeof compareWith>[1]): Comparison {
  try {
    return compareWith(text, options);
  } catch (error) {
    if (!(error instanceof LockSyntaxError)) throw error;
    throw new UsageError(`--against ${against}: the lock ${error.message}`, { cause: error });
  }
}

function parse(args: readonly string[], cwd: string) {
  const { values, positionals: patterns } = parseArguments(args);
  const { against, allow, json: isJson, tsconfig } = values;
  if (against === undefined) throw new UsageError('check: say with what to compare: --against main');
  if (allow !== undefined && allow !== 'clients')
    throw new UsageError(`--allow ${allow}: only clients may be allowed`);
  if (tsconfig !== undefined && !existsSync(resolve(cwd, tsconfig))) {
    throw new UsageError(`there is no ${tsconfig} (--tsconfig)`);
  }
  const allowed = new Set(['safe', ...(allow === 'clients' ? ['breaks clients'] : [])]);
  const isAllowed = (verdict: string): boolean => allowed.has(verdict);
  return { against, isAllowed, isJson, patterns, tsconfig };
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        allow: { type: 'string' },
        json: { type: 'boolean', default: false },
        tsconfig: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`check: ${messageOf(error)}`, { cause: error });
  }
}
