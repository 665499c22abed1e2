import { readFile } from 'node:fs/promises';
import { systemCode } from './storage-error.js';

/** A process as one that comes later can recognise it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The boot and the moment in it at which the process began; empty where the system does not tell. */
  readonly started: string;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return { pid, started: await startOf(pid) };
}

/** Whether that very process still runs: a number alone may have been given to another one meanwhile. */
export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process that may not be signalled is there all the same.
    if (systemCode(error) !== 'EPERM') return false;
  }
  const startedNow = await startOf(pid);
  return started === '' || startedNow === '' || started === startedNow;
}

/** Linux tells; elsewhere the number has to do. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may itself hold any character; field 22 counts.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? '' : `${boot.trim()}/${ticks}`;
  } catch {
    return '';
  }
}
