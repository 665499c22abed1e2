import type { Mutation } from '../mutation.js';

/** The disk: C43, C44, C27. */
export const STORAGE: readonly Mutation[] = [
  {
    name: 'an append is acknowledged without a flush',
    point: 'C43',
    theme: 'disks',
    file: 'packages/storage/src/whole-file.ts',
    find: '  await writeAll(file, bytes, position);\n  await file.fdatasync();\n',
    replace: '  await writeAll(file, bytes, position);\n',
  },
  {
    name: 'a failed flush is passed over',
    point: 'C43',
    theme: 'disks',
    file: 'packages/storage/src/whole-file.ts',
    find: '  await writeAll(file, bytes, position);\n  await file.fdatasync();\n',
    replace: '  await writeAll(file, bytes, position);\n  await file.fdatasync().catch(() => undefined);\n',
  },
  {
    name: 'a failed flush is tried again',
    point: 'C43',
    theme: 'disks',
    file: 'packages/storage/src/whole-file.ts',
    find: '  await writeAll(file, bytes, position);\n  await file.fdatasync();\n',
    replace:
      '  await writeAll(file, bytes, position);\n' +
      '  await file.fdatasync().catch(() => file.fdatasync());\n',
  },
  {
    name: 'a record is read without its checksum',
    point: 'C44',
    theme: 'disks',
    file: 'packages/storage/src/record.ts',
    find: '  return crc32(body, salt) === viewOf(bytes, at).getUint32(24, true) ? body : undefined;\n',
    replace: '  return body;\n',
  },
  {
    name: 'damage amid the log is taken for its end',
    point: 'C44',
    theme: 'disks',
    file: 'packages/storage/src/recovery.ts',
    find: '  if (isFollowed(last, scanned.end, source.salt)) throw damagedRecord(last.path, scanned.end);\n',
    replace: '',
  },
  {
    name: 'a new segment is renamed, and its directory not flushed',
    point: 'C44',
    theme: 'large',
    file: 'packages/storage/src/segment.ts',
    find: '    await disk.rename(aside, path);\n    await disk.fsyncDirectory(directory);\n',
    replace: '    await disk.rename(aside, path);\n',
  },
  {
    name: 'a snapshot counts before it is on the disk',
    point: 'C28',
    theme: 'snapshots',
    file: 'packages/storage/src/snapshot-incoming.ts',
    find: '    await this.#file.fdatasync();\n    return true;\n',
    replace: '    return true;\n',
  },
];
