/** What groups cost that have nothing to do: 1, 50 and 200 of them on three nodes, which beat or rest. */
import { fileURLToPath } from 'node:url';
import type { GroupsRow } from './groups-nodes.js';
import { runClient } from './processes.js';
import { rounded } from './rounded.js';

const COUNTS = [1, 50, 200];

export async function benchGroups(): Promise<readonly GroupsRow[]> {
  const rows: GroupsRow[] = [];
  for (const resting of ['', 'resting']) {
    for (const count of COUNTS) {
      rows.push((await runClient('groups-nodes', [String(count), resting])) as GroupsRow);
    }
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table((await benchGroups()).map(rounded));
