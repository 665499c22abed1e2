import { messageOf } from '@decoraft/base';
import {
  durableStorage,
  type ForcedClusterPlan,
  forceNewCluster,
  planForcedCluster,
  type Survivor,
} from '@decoraft/server';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAddress } from './operator/address.js';
import { EXIT, type ExitCode, type Terminal, UsageError } from './terminal.js';

/** What every directory of a node has; to open one that is none would make it one. */
const METADATA_FILE = 'metadata';

/** `decoraft force-new-cluster`: the way out, for an operator, when the majority is lost for good. */
export const forceNewClusterVerb = {
  help: [
    'Usage: decoraft force-new-cluster DIR --id ID --address HOST:PORT [--token TOKEN]',
    '',
    'For a cluster that lost the majority of its members FOR GOOD: makes one survivor, whose disk is DIR, the only',
    'member of a new cluster. What only the others had is lost. As long as a majority can come back, start it instead.',
    '',
    'Without a token it changes nothing: it says what would be lost, who must never be started again, and the token.',
    'The survivor must not be running. Afterwards it is started as always, and others join it under new ids.',
    '',
    '  --id ID               The id of the survivor.',
    '  --address HOST:PORT   Where the survivor will be reached.',
    '  --token TOKEN         Does it. The token belongs to the disk as it was when it was printed.',
    '',
    'Exits with 0 when it was said or done, 1 when it was refused, 2 when the command was not understood.',
  ].join('\n'),
  run,
};

interface Parsed {
  /** As it was given. */
  readonly directory: string;
  readonly id: string;
  readonly address: string;
  readonly token: string | undefined;
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parse(args);
  const { address, directory, id, token } = parsed;
  const path = resolve(terminal.cwd, directory);
  if (!existsSync(join(path, METADATA_FILE))) throw new Error(`${directory} is no directory of a node`);
  const survivor = { id, storage: durableStorage(path) };
  if (token === undefined) explain(await planForcedCluster(survivor), parsed, terminal);
  else await force(survivor, { address, token }, terminal);
  return EXIT.done;
}

function explain(plan: ForcedClusterPlan, parsed: Parsed, { print }: Terminal): void {
  const { clusterId, id, lastIndex, lastTerm, lost, token } = plan;
  const { address, directory } = parsed;
  const others = lost.join(', ');
  print(`Node ${id} would become the only member of a new cluster, with all that its disk holds.`);
  print('');
  print(`  the cluster that ends    ${clusterId}`);
  print(`  this log ends with       entry ${lastIndex} of term ${lastTerm}`);
  print(`  members that are lost    ${lost.length === 0 ? 'none: it is alone already' : others}`);
  print('');
  if (lost.length > 0) {
    print(`  !! WHAT ONLY ${others} HAD IS LOST, commands that were acknowledged among it.`);
    print(
      `  !! ${others} MUST NEVER BE STARTED AGAIN WITH THEIR DISKS. Delete these disks, or take them away.`,
    );
    print('  !! If a majority of the members can come back at all, start them instead.');
    print('');
    print(
      'Of several survivors, choose the one whose log ends with the highest term, then the highest entry.',
    );
  }
  print('Nothing has been changed. To do it, with the node still stopped:');
  print('');
  print(`  npx decoraft force-new-cluster ${directory} --id ${id} --address ${address} --token ${token}`);
}

async function force(
  survivor: Survivor,
  options: { readonly address: string; readonly token: string },
  { print }: Terminal,
): Promise<void> {
  await forceNewCluster(survivor, options);
  print(`Node ${survivor.id} at ${options.address} is the only member of a new cluster.`);
  print(
    'Start it as always; others join it under new ids. The members that were lost must never be started again.',
  );
}

function parse(args: readonly string[]): Parsed {
  const { positionals, values } = split(args);
  const [directory, ...rest] = positionals;
  if (directory === undefined) throw new UsageError('force-new-cluster needs the directory of the survivor');
  if (rest.length > 0)
    throw new UsageError(`force-new-cluster takes one directory, not ${rest.join(', ')} as well`);
  const { address, id, token } = values;
  if (!id) throw new UsageError('force-new-cluster needs --id, the id of the survivor');
  if (!address) throw new UsageError('force-new-cluster needs --address, where the survivor will be reached');
  checkAddress('--address', address);
  return { directory, id, address, token };
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { id: { type: 'string' }, address: { type: 'string' }, token: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(`force-new-cluster: ${messageOf(error)}`, { cause: error });
  }
}
