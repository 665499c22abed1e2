import { messageOf } from '@decoraft/base';
import { takeBackup } from '@decoraft/server';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAddress } from './operator/address.js';
import { ByteProgress } from './operator/byte-progress.js';
import { describeBackup } from './operator/describe-backup.js';
import { Interrupted, interruptionOf } from './operator/interruptible.js';
import { number } from './operator/words.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft backup`: a consistent snapshot of a running cluster, as a file. */
export const backupVerb = {
  help: [
    'Usage: decoraft backup --from HOST:PORT[,HOST:PORT…] --to FILE',
    '',
    'Takes a backup of a running cluster: everything that was acknowledged to anyone before this command was given. The',
    'cluster goes on meanwhile. Any member serves it; the addresses are tried one after the other.',
    '',
    'FILE is there whole, flushed and compared with its checksum, or not at all; one that is there is not overwritten.',
    'Ctrl+C leaves nothing behind. `decoraft inspect FILE --verify` looks at it again, `decoraft restore` makes a new',
    'cluster of it.',
    '',
    '  --from HOST:PORT,…   Members of the cluster.',
    '  --to FILE            Where the backup goes.',
    '  --group NAME         The Raft group, where a server hosts several.',
    '',
    'Exits with 0 when the backup is there, 1 when it is not, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

interface Parsed {
  readonly from: readonly string[];
  /** As it was given. */
  readonly to: string;
  readonly group: string | undefined;
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { from, group, to } = parse(args);
  let progress: ByteProgress | undefined;
  let servedBy: string | undefined;
  try {
    const description = await takeBackup({
      from,
      to: resolve(terminal.cwd, to),
      ...(group !== undefined && { group }),
      signal: interruptionOf(terminal),
      onProgress: ({ address, description: { dataBytes, index }, doneBytes }) => {
        if (address !== servedBy || !progress) {
          terminal.printOver?.('');
          terminal.print(`${address} serves entries up to ${number(index)}`);
          progress = new ByteProgress(terminal, 'backup');
        }
        servedBy = address;
        progress.show(doneBytes, dataBytes);
      },
    });
    terminal.printOver?.('');
    for (const line of describeBackup(to, description)) terminal.print(line);
    terminal.print('Written, flushed, read back, and compared with its checksum.');
    return EXIT.done;
  } catch (error) {
    terminal.printOver?.('');
    if (!(error instanceof Interrupted)) throw error;
    terminal.printError('decoraft: interrupted; there is no backup');
    return EXIT.failed;
  }
}

function parse(args: readonly string[]): Parsed {
  const { from, group, to } = split(args);
  if (!from) throw new UsageError('backup needs --from, the addresses of members');
  if (!to) throw new UsageError('backup needs --to, the file to write');
  return { from: from.split(',').map((address) => checkAddress('each of --from', address)), to, group };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { from: { type: 'string' }, to: { type: 'string' }, group: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new UsageError(`backup: ${messageOf(error)}`, { cause: error });
  }
}
