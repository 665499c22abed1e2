import { messageOf, unreachable } from '@decoraft/base';
import { type BackupInspection, inspectBackup, inspectNode, type NodeInspection } from '@decoraft/server';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ByteProgress } from './operator/byte-progress.js';
import { describeBackup } from './operator/describe-backup.js';
import { describeDirectory } from './operator/describe-directory.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** `decoraft inspect`: what is in a data directory, or in a backup. */
export const inspectVerb = {
  help: [
    'Usage: decoraft inspect DIR [--verify] [--json]',
    '       decoraft inspect FILE [--verify] [--json]',
    '',
    'Says what is in the data directory of a node: whose it is, its cluster, term and vote, the entries of its log and',
    'their terms, its segments and snapshots, and what of it is damaged. It takes no lock and changes nothing, and works',
    'while the node runs.',
    '',
    'Of a backup it says when, by whom and of what it was made.',
    '',
    'It reads what a start of the node reads, and of a backup the header: a bit that flipped elsewhere shows only with',
    '--verify.',
    '',
    '  --verify   Reads every byte that a node may ever need, and compares it with its checksum.',
    '  --json     Prints one JSON value, with all terms and segments.',
    '',
    'Exits with 0 when all that was read is whole, 1 when something is damaged, 2 when DIR is no data directory, or was',
    'written by a newer release.',
  ].join('\n'),
  run,
};

interface Parsed {
  /** As it was given. */
  readonly path: string;
  readonly verify: boolean;
  readonly json: boolean;
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parse(args);
  const progress = parsed.json ? undefined : new ByteProgress(terminal, 'verifying');
  const path = resolve(terminal.cwd, parsed.path);
  const options = {
    verify: parsed.verify,
    onProgress: ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }) =>
      progress?.show(doneBytes, totalBytes),
  };
  const backup = isFile(path) ? await inspectBackup(path, options) : undefined;
  const inspection = backup ? undefined : await inspectNode(path, options);
  if (parsed.verify) progress?.clear();
  if (inspection) return report(inspection, parsed.json, terminal);
  return backup ? reportBackup(backup, parsed, terminal) : EXIT.usage;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function reportBackup(inspection: BackupInspection, { json, path }: Parsed, terminal: Terminal): ExitCode {
  if (json) terminal.print(JSON.stringify(inspection, undefined, 2));
  const { print, printError } = terminal;
  switch (inspection.kind) {
    case 'backup':
      if (json) return EXIT.done;
      for (const line of describeBackup(path, inspection.description)) print(line);
      print('');
      print(
        inspection.isVerified
          ? 'Whole: every byte was read.'
          : 'Whole, as far as its header says; --verify reads every byte.',
      );
      return EXIT.done;
    case 'damaged-backup':
      if (!json) print(`DAMAGED  ${inspection.reason}`);
      return EXIT.failed;
    case 'not-understood':
      if (!json) printError(`decoraft: ${inspection.reason}`);
      return EXIT.usage;
    case 'no-backup':
      if (!json) printError(`decoraft: ${path} is neither a data directory nor a backup`);
      return EXIT.usage;
    default:
      return unreachable(inspection);
  }
}

function report(inspection: NodeInspection, json: boolean, terminal: Terminal): ExitCode {
  if (json) terminal.print(JSON.stringify(asJson(inspection), undefined, 2));
  if (inspection.kind !== 'inspected') {
    if (!json) terminal.printError(`decoraft: ${inspection.reason}`);
    return EXIT.usage;
  }
  if (!json) for (const line of describeDirectory(inspection)) terminal.print(line);
  return inspection.damages.length > 0 ? EXIT.failed : EXIT.done;
}

/** Without what is of use to programs of ours only. */
function asJson(inspection: NodeInspection): unknown {
  if (inspection.kind !== 'inspected' || !inspection.log) return inspection;
  const { configurationEntries: _, snapshotBeginning: __, ...log } = inspection.log;
  return { ...inspection, log };
}

function parse(args: readonly string[]): Parsed {
  const { positionals, values } = split(args);
  const [path, ...rest] = positionals;
  if (path === undefined) throw new UsageError('inspect needs a data directory');
  if (rest.length > 0) throw new UsageError(`inspect takes one directory, not ${rest.join(', ')} as well`);
  return { path, verify: values.verify, json: values.json };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new UsageError(`inspect: ${messageOf(error)}`, { cause: error });
  }
}
