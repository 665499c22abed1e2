import { messageOf } from '@decoraft/base';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';
import { version } from './version.js';

/** What the file of a verb exports. */
export interface Verb {
  /** How to call it, and all of its options. */
  readonly help: string;
  /** @throws UsageError when the arguments make no sense. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

interface VerbEntry {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Loaded when it is called: the compiler alone takes half a second. */
  readonly load: () => Promise<Verb>;
}

const VERB_WIDTH = 20;

const VERBS: ReadonlyMap<string, VerbEntry> = new Map([
  [
    'init',
    {
      summary: 'Begin a project: a machine, its client, a test, and a cluster of three nodes that runs.',
      load: async () => (await import('./init.js')).initVerb,
    },
  ],
  [
    'generate',
    {
      summary: 'Write typed clients and tables of operations for machine classes.',
      load: async () => (await import('./generate.js')).generateVerb,
    },
  ],
  [
    'check',
    {
      summary: 'Say what of the changes since a release is safe, breaks clients, or breaks the log.',
      load: async () => (await import('./check.js')).checkVerb,
    },
  ],
  [
    'docs',
    {
      summary: 'Write a reference of all machines and services, in Markdown.',
      load: async () => (await import('./docs.js')).docsVerb,
    },
  ],
  [
    'explain',
    {
      summary: 'Say what a problem of the generator means, with a wrong and a right example.',
      load: async () => (await import('./explain.js')).explainVerb,
    },
  ],
  [
    'simulate',
    {
      summary: 'Try machines, or Decoraft itself, on clusters in a simulated world full of faults.',
      load: async () => (await import('./simulate.js')).simulateVerb,
    },
  ],
  [
    'inspect',
    {
      summary: 'Say what is in a data directory or a backup, and what of it is damaged. Changes nothing.',
      load: async () => (await import('./inspect.js')).inspectVerb,
    },
  ],
  [
    'backup',
    {
      summary: 'Take a backup of a running cluster: a file with everything that was acknowledged.',
      load: async () => (await import('./backup.js')).backupVerb,
    },
  ],
  [
    'restore',
    {
      summary: 'Make the first node of a new cluster from a backup.',
      load: async () => (await import('./restore.js')).restoreVerb,
    },
  ],
  [
    'force-new-cluster',
    {
      summary: 'Go on from one survivor, when the majority of a cluster is lost for good.',
      load: async () => (await import('./force-new-cluster.js')).forceNewClusterVerb,
    },
  ],
]);

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
  const entry = VERBS.get(name);
  if (!entry) throw new UsageError(`there is no ${name.startsWith('-') ? 'option' : 'verb'} ${name}`);
  const verb = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(verb.help);
    return EXIT.done;
  }
  return verb.run(rest, terminal);
}

function help(): string {
  const verbs = [...VERBS].map(([name, { summary }]) => `  ${name.padEnd(VERB_WIDTH)}${summary}`);
  return [
    'Usage: decoraft <verb> [options]',
    '',
    ...verbs,
    '',
    '  --help      Show this, or behind a verb all of its options.',
    '  --version   Show the version.',
  ].join('\n');
}
