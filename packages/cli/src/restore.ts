import { messageOf } from '@decoraft/base';
import { restoreBackup, type Restored } from '@decoraft/server';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAddress } from './operator/address.js';
import { ByteProgress } from './operator/byte-progress.js';
import { describeBackup } from './operator/describe-backup.js';
import { Interrupted, interruptionOf } from './operator/interruptible.js';
import { number } from './operator/words.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft restore`: the first node of a new cluster, from a backup. */
export const restoreVerb = {
  help: [
    'Usage: decoraft restore FILE --to DIR --id ID --address HOST:PORT',
    '',
    'Makes the data directory of the first node of a NEW cluster, with a new cluster id, from a backup: all machines as',
    'they were. Start the node as always; others join it with empty directories. The cluster that was backed up is not',
    'touched, and need not be stopped: no member of the one cluster listens to one of the other.',
    '',
    'Sessions and subscriptions are not restored: clients of the old cluster hear SessionExpired. The log begins at an',
    'index far beyond that of the backup, so that nothing of the old cluster can be taken for something of the new one.',
    '',
    'DIR must not exist, or be empty. It is there whole, flushed and verified, or not at all; Ctrl+C leaves nothing behind.',
    'Restore on one node only: the others get everything from it.',
    '',
    '  --to DIR              The data directory of the first node.',
    '  --id ID               The id of the node.',
    '  --address HOST:PORT   Where the node will be reached.',
    '',
    'Exits with 0 when it is restored, 1 when it is not, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

interface Parsed {
  /** As they were given. */
  readonly file: string;
  readonly to: string;
  readonly id: string;
  readonly address: string;
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { address, file, id, to } = parse(args);
  const progress = new Map<string, ByteProgress>();
  try {
    const restored = await restoreBackup({
      file: resolve(terminal.cwd, file),
      directory: resolve(terminal.cwd, to),
      id,
      address,
      signal: interruptionOf(terminal),
      onProgress: ({ doneBytes, step, totalBytes }) => {
        // Each counts its own time.
        const shown = progress.get(step) ?? new ByteProgress(terminal, step);
        progress.set(step, shown);
        shown.show(doneBytes, totalBytes);
      },
    });
    terminal.printOver?.('');
    explain(restored, { address, file, id, to }, terminal);
    return EXIT.done;
  } catch (error) {
    terminal.printOver?.('');
    if (!(error instanceof Interrupted)) throw error;
    terminal.printError('decoraft: interrupted; nothing was restored');
    return EXIT.failed;
  }
}

function explain(
  { backup, clusterId, index }: Restored,
  { address, file, id, to }: Parsed,
  { print }: Terminal,
): void {
  for (const line of describeBackup(file, backup)) print(line);
  print('');
  print(
    `Restored into ${to}, as the new cluster ${clusterId}. Its log begins behind entry ${number(index)}.`,
  );
  print(
    `Start node ${id} on it, with the peers { ${id}: '${address}' }. Others join it, with empty directories.`,
  );
}

function parse(args: readonly string[]): Parsed {
  const { positionals, values } = split(args);
  const [file, ...rest] = positionals;
  if (file === undefined) throw new UsageError('restore needs the file of a backup');
  if (rest.length > 0) throw new UsageError(`restore takes one file, not ${rest.join(', ')} as well`);
  const { address, id, to } = values;
  if (!to) throw new UsageError('restore needs --to, the data directory to make');
  if (!id) throw new UsageError('restore needs --id, the id of the first node');
  if (!address) throw new UsageError('restore needs --address, where the first node will be reached');
  return { file, to, id, address: checkAddress('--address', address) };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string' }, id: { type: 'string' }, address: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(`restore: ${messageOf(error)}`, { cause: error });
  }
}
