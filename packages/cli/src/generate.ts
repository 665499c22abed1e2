import { messageOf, unreachable } from '@decoraft/base';
import {
  createGenerator,
  DEFAULT_PATTERNS,
  type GenerateOptions,
  generate,
  lockPathOf,
  staleFiles,
  writeFiles,
} from '@decoraft/codegen';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reportProblems, reportStale, reportWritten } from './report.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';
import { watch } from './watch.js';

/** `decoraft generate`: typed clients and tables of operations from decorated classes. */
export const generateVerb = {
  help: [
    'Usage: decoraft generate [globs…] [options]',
    '',
    'Reads the classes that extend StateMachine or RpcService, and writes for each a client and a table of operations.',
    `Without globs it reads ${DEFAULT_PATTERNS.join(', ')}, outside of node_modules, dist and generated.`,
    '',
    '  --out DIR         Write everything to DIR. By default each goes to generated/ beside its source.',
    '  --check           Write nothing; list what is stale and exit with 1 if there is any.',
    '  --watch           Go on, and generate again whenever a file changes.',
    '  --no-links        Leave out the links by which editors go from a client to its class: clients import its type for them,',
    '                    so a project that compiles clients only must be able to compile the classes, too.',
    '  --no-lock         Leave decoraft.lock.json alone, in which the ids and types of all classes are kept.',
    '  --tsconfig FILE   Read compiler options from FILE. By default each source has those of the nearest tsconfig.json',
    '                    above it that includes it.',
    '',
    'Exits with 0 when all is well, 1 for problems or stale files, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { options, mode } = parse(args, terminal.cwd);
  switch (mode) {
    case 'check':
      return check(options, terminal);
    case 'watch':
      await watch(createGenerator(options), options.cwd, terminal);
      return EXIT.done;
    case 'write':
      return write(options, terminal);
    default:
      return unreachable(mode);
  }
}

function write(options: GenerateOptions, terminal: Terminal): ExitCode {
  const result = generate(options);
  if (reportProblems(result, terminal)) return EXIT.failed;
  reportWritten(result, writeFiles(result), terminal);
  return EXIT.done;
}

function check(options: GenerateOptions, terminal: Terminal): ExitCode {
  const result = generate(options);
  if (reportProblems(result, terminal)) return EXIT.failed;
  return reportStale(result, staleFiles(result), terminal) ? EXIT.failed : EXIT.done;
}

interface Parsed {
  readonly options: GenerateOptions;
  readonly mode: 'write' | 'check' | 'watch';
}

function parse(args: readonly string[], cwd: string): Parsed {
  const { values, positionals: patterns } = parseArguments(args);
  if (values.check && values.watch) throw new UsageError('--check and --watch exclude each other');
  const { tsconfig, out } = values;
  if (tsconfig !== undefined && !existsSync(resolve(cwd, tsconfig))) {
    throw new UsageError(`there is no ${tsconfig} (--tsconfig)`);
  }
  const options = {
    cwd,
    patterns,
    hasLinks: !values['no-links'],
    ...(values['no-lock'] ? {} : { lockPath: lockPathOf(cwd) }),
    ...(out === undefined ? {} : { outDirectory: out }),
    ...(tsconfig === undefined ? {} : { tsconfig }),
  };
  return { options, mode: values.check ? 'check' : values.watch ? 'watch' : 'write' };
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
        watch: { type: 'boolean', default: false },
        'no-links': { type: 'boolean', default: false },
        'no-lock': { type: 'boolean', default: false },
        tsconfig: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`generate: ${messageOf(error)}`, { cause: error });
  }
}
