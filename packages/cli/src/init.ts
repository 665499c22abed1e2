import { messageOf } from '@decoraft/base';
import { generate, lockPathOf, writeFiles } from '@decoraft/codegen';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readTemplates } from './init/templates.js';
import { reportProblems, reportWritten } from './report.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';
import { version } from './version.js';

/** `decoraft init`: from an empty folder to a cluster that runs. */
export const initVerb = {
  help: [
    'Usage: decoraft init [DIR] [--name NAME]',
    '',
    'Writes a project into DIR, by default where it is called: a machine, its generated client, a node, a script that starts',
    'three of them, a script that calls them, and a test in a simulated world. It says what to type next. Where a file',
    'that it would write is there already, it writes nothing.',
    '',
    '  --name NAME   The name of the new package. By default that of DIR.',
    '',
    'Exits with 0 when all is written, 1 when there are such files, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { directory, name } = parse(args, terminal.cwd);
  const files = readTemplates({ name, version: version() });
  const taken = [...files.keys()].filter((path) => existsSync(join(directory, path)));
  if (taken.length > 0) {
    for (const path of taken)
      terminal.printError(`${shown(terminal, join(directory, path))}: is there already`);
    terminal.printError('Nothing was written: init begins a new project, in a folder of its own.');
    return EXIT.failed;
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
    terminal.print(`wrote ${shown(terminal, join(directory, path))}`);
  }
  const result = generate({ cwd: directory, lockPath: lockPathOf(directory) });
  if (reportProblems(result, terminal)) return EXIT.failed;
  reportWritten(result, writeFiles(result), terminal);
  for (const line of nextSteps(shown(terminal, directory))) terminal.print(line);
  return EXIT.done;
}

function nextSteps(directory: string): readonly string[] {
  return [
    '',
    'Next:',
    ...(directory === '' ? [] : [`  cd ${quoted(directory)}`]),
    '  npm install',
    '  npm test            the machine, in a simulated world in which everything goes wrong',
    '  npm start           a cluster of three nodes, on this machine',
    '  npm run client      calls it, from another terminal',
  ];
}

/** As every shell takes it. */
function quoted(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `"${path}"`;
}

/** As a person who is where the command was given would write a path. */
function shown({ cwd }: Terminal, path: string): string {
  return relative(cwd, path);
}

interface Parsed {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
}

function parse(args: readonly string[], cwd: string): Parsed {
  const { values, positionals } = parseArguments(args);
  const [given = '.', ...others] = positionals;
  if (others.length > 0) throw new UsageError('init: takes one directory');
  const directory = resolve(cwd, given);
  if (values.name === undefined) return { directory, name: packageNameOf(basename(directory)) };
  if (!PACKAGE_NAME.test(values.name)) {
    throw new UsageError(`init: ${values.name} is no name that npm takes (--name)`);
  }
  return { directory, name: values.name };
}

const PACKAGE_NAME = /^(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** What npm takes, as near to the folder's name as it can be. */
function packageNameOf(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '');
  return PACKAGE_NAME.test(name) ? name : 'cluster';
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { name: { type: 'string' } } });
  } catch (error) {
    throw new UsageError(`init: ${messageOf(error)}`, { cause: error });
  }
}
