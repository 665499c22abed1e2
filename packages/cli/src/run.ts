import { messageOf } from '@decoraft/base';
import { readFileSync } from 'node:fs';
import { generateVerb } from './generate.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** One verb of the command. */
export interface Verb {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** All of its options. */
  readonly help: string;
  /** @throws UsageError when the arguments make no sense. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

const VERBS: ReadonlyMap<string, Verb> = new Map([['generate', generateVerb]]);

/**
 * Runs `decoraft` with what stands behind it on the command line.
 *
 * @returns What the process should exit with. Never throws.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = args;
  try {
    return await dispatch(name, rest, terminal);
  } catch (error) {
    terminal.printError(`decoraft: ${messageOf(error)}`);
    if (!(error instanceof UsageError)) return EXIT.failed;
    terminal.printError('Try `decoraft --help`.');
    return EXIT.usage;
  }
}

async function dispatch(
  name: string | undefined,
  rest: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  if (name === '--help' || name === '-h') {
    terminal.print(help());
    return EXIT.done;
  }
  if (name === '--version') {
    terminal.print(version());
    return EXIT.done;
  }
  if (name === undefined) throw new UsageError('no verb given');
  const verb = VERBS.get(name);
  if (!verb) throw new UsageError(`there is no ${name.startsWith('-') ? 'option' : 'verb'} ${name}`);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(verb.help);
    return EXIT.done;
  }
  return verb.run(rest, terminal);
}

function help(): string {
  const verbs = [...VERBS].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return [
    'Usage: decoraft <verb> [options]',
    '',
    ...verbs,
    '',
    '  --help      Show this, or behind a verb all of its options.',
    '  --version   Show the version.',
  ].join('\n');
}

function version(): string {
  const path = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
}
