import { messageOf } from '@decoraft/base';
import { DEFAULT_PATTERNS, generateReference } from '@decoraft/codegen';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeDifference } from './difference.js';
import { reportProblems } from './report.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft docs`: a reference of all machines and services. */
export const docsVerb = {
  help: [
    'Usage: decoraft docs [globs…] [options]',
    '',
    'Writes a reference of all machines and services in Markdown: their operations with signatures, what they say in',
    'comments, and their types. The same sources give the same text.',
    `Without globs it reads ${DEFAULT_PATTERNS.join(', ')}, outside of node_modules, dist and generated.`,
    '',
    '  --out FILE        Where to write. By default it is printed.',
    '  --check           Write nothing; exit with 1 if FILE is not as it would be written.',
    '  --tsconfig FILE   Read compiler options from FILE, as `decoraft generate` does.',
    '',
    'Exits with 0 when all is well, 1 for problems or a stale file, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals: patterns } = parse(args);
  const { out, check, tsconfig } = values;
  if (check && out === undefined) throw new UsageError('docs: --check needs --out FILE');
  if (tsconfig !== undefined && !existsSync(resolve(terminal.cwd, tsconfig))) {
    throw new UsageError(`there is no ${tsconfig} (--tsconfig)`);
  }
  const path = resolve(terminal.cwd, out ?? 'reference.md');
  const options = { cwd: terminal.cwd, patterns, ...(tsconfig === undefined ? {} : { tsconfig }) };
  const result = generateReference(options, path);
  if (reportProblems(result, terminal)) return EXIT.failed;
  if (out === undefined) terminal.print(result.text.trimEnd());
  else if (check) return compare(path, result.text, terminal);
  else write(path, result.text, terminal);
  return EXIT.done;
}

function write(path: string, text: string, terminal: Terminal): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  terminal.print(`wrote ${relative(terminal.cwd, path)}`);
}

function compare(path: string, expected: string, terminal: Terminal): ExitCode {
  const name = relative(terminal.cwd, path);
  const actual = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (actual === expected) {
    terminal.print(`${name} is up to date.`);
    return EXIT.done;
  }
  terminal.printError(actual === undefined ? `${name}: missing` : `${name}: differs`);
  for (const line of actual === undefined ? [] : describeDifference({ actual, expected })) {
    terminal.printError(`    ${line}`);
  }
  terminal.printError(`Run \`decoraft docs --out ${name}\`.`);
  return EXIT.failed;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
        tsconfig: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`docs: ${messageOf(error)}`, { cause: error });
  }
}
