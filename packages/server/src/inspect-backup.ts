import { DecoraftError } from '@decoraft/protocol';
import { type BackupDescription, isBackupFile, openBackupFile } from '@decoraft/storage';

export interface InspectBackupOptions {
  /** Reads all of it, and compares it with its checksum; by default only what it says of itself. */
  readonly verify?: boolean;
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
}

/** What is in a file. */
export type BackupInspection =
  | { readonly kind: 'backup'; readonly description: BackupDescription; readonly isVerified: boolean }
  | { readonly kind: 'damaged-backup'; readonly reason: string }
  /** A newer release made it. */
  | { readonly kind: 'not-understood'; readonly reason: string }
  | { readonly kind: 'no-backup' };

/** Says what is in a backup; reads only. @throws DecoraftError for errors of the system. */
export async function inspectBackup(
  path: string,
  { onProgress, verify = false }: InspectBackupOptions = {},
): Promise<BackupInspection> {
  try {
    if (!(await isBackupFile(path))) return { kind: 'no-backup' };
    const backup = await openBackupFile(path);
    try {
      const { description } = backup;
      const totalBytes = description.dataBytes;
      let doneBytes = 0;
      if (verify) {
        for await (const chunk of backup.chunks()) {
          doneBytes += chunk.length;
          onProgress?.({ doneBytes, totalBytes });
        }
      }
      return { kind: 'backup', description, isVerified: verify };
    } finally {
      await backup.close();
    }
  } catch (thrown) {
    const error = DecoraftError.from(thrown);
    if (error.code === 'Corrupted') return { kind: 'damaged-backup', reason: error.message };
    if (error.code === 'Unimplemented') return { kind: 'not-understood', reason: error.message };
    throw error;
  }
}
