/**
 * # The simulated disk
 *
 * A {@link Disk} in memory for whoever tests above this package: hand `disk.forProcess()` to `durableStorage`, then
 * crash the machine, kill the process, fill the disk, flip bits, fail or delay any operation. What comes back when the
 * directory is opened again is what the real code makes of what a real disk would have left.
 *
 * It never loses what was flushed, and reads neither clock nor system: all that is random comes from its seed.
 *
 * Read `simulated-disk.ts`, then `simulated-file.ts`.
 *
 * What is not here:
 * - Metadata of files beside their size: no permissions, no times, no links.
 * - Directories of their own: any path has one, and the flush of one flushes the names in all.
 * - Sectors that cannot be read while others can; a fault of `read` fails the call as a whole.
 */
export { type DiskFault, type DiskOperation, SimulatedDisk, systemError } from './simulated-disk.js';
