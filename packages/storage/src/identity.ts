import { join } from 'node:path';
import type { Disk } from './disk.js';
import { corrupted, StorageError } from './errors.js';

const NAME = 'identity.json';
const FORMAT = 1;

interface Identity {
  readonly format: number;
  readonly nodeId: string;
}

/**
 * A directory belongs to one node for ever: written when it is first used, compared ever after.
 *
 * @throws StorageError `InvalidArgument` that names both nodes.
 */
export async function claimIdentity(disk: Disk, directory: string, nodeId: string): Promise<void> {
  const path = join(directory, NAME);
  const bytes = await disk.read(path);
  if (!bytes) return writeIdentity(disk, directory, path, { format: FORMAT, nodeId });
  const found = parse(path, bytes);
  if (found.format !== FORMAT) {
    throw new StorageError('Corrupted', `${path} has format ${found.format}, this build reads ${FORMAT}`);
  }
  if (found.nodeId !== nodeId) {
    throw new StorageError(
      'InvalidArgument',
      `${directory} belongs to node ${found.nodeId}, not to ${nodeId}`,
    );
  }
}

function parse(path: string, bytes: Uint8Array): Identity {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Identity;
  } catch {
    throw corrupted(path, 0, 'this is no JSON');
  }
}

/** Aside, durable, renamed: a crash leaves the whole file or none. */
async function writeIdentity(disk: Disk, directory: string, path: string, identity: Identity): Promise<void> {
  const aside = `${path}.new`;
  const file = await disk.open(aside, 'create');
  await file.write(new TextEncoder().encode(`${JSON.stringify(identity)}\n`), 0);
  await file.fdatasync();
  await file.close();
  await disk.rename(aside, path);
  await disk.syncDirectory(directory);
}
