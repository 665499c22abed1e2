import type { BackupDescription } from '@decoraft/server';
import { facts } from './table.js';
import { bytes, number } from './words.js';

/** What a backup says of itself, line by line. */
export function describeBackup(path: string, description: BackupDescription): readonly string[] {
  const { clusterId, dataBytes, index, members, nodeId, term, timeMs } = description;
  return facts([
    ['backup', path],
    ['made', `${new Date(timeMs).toISOString()}, by node ${nodeId}`],
    ['cluster', clusterId],
    ['up to', `entry ${number(index)} of term ${number(term)}`],
    ['data', bytes(dataBytes)],
    ...members.map(
      ({ address, id, role }, at) => [at === 0 ? 'members' : '', `${id} at ${address}, ${role}`] as const,
    ),
  ]);
}
