import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { MUTATIONS } from './mutations.js';

/** How one mutation fared. */
export interface Result {
  readonly name: string;
  readonly point: string;
  /** In which worlds. */
  readonly theme: string;
  /** The first seed that failed; `undefined` where none did. */
  readonly seed: number | undefined;
  /** The fact, or the kind of error, by which it was noticed. */
  readonly caughtBy: string;
  /** Simulated seconds of all seeds up to that one. */
  readonly simulatedSeconds: number;
}

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const HEAD = `# Mutations

Written by \`npm run mutations\`: each mutation breaks one line of the product, then the simulator runs seeds 1, 2, 3, …
of the mutation's theme until it notices. The unbroken product passed the same seeds.

`;
const TABLE = `| mutation | point | theme | seed | caught by | simulated seconds |
| --- | --- | --- | ---: | --- | ---: |
`;

/** The table as it is on disk, by the names of mutations. */
export function readResults(): ReadonlyMap<string, Result> {
  if (!existsSync(FILE)) return new Map();
  const rows = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (?:mutation |-)/.test(line));
  const results = rows.map((row): Result => {
    const [name = '', point = '', theme = '', seed = '', caughtBy = '', seconds = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return {
      name,
      point,
      theme,
      seed: /^\d+$/.test(seed) ? Number(seed) : undefined,
      caughtBy,
      simulatedSeconds: Number(seconds),
    };
  });
  return new Map(results.map((result) => [result.name, result]));
}

/** Writes the table: what is new over what was known; mutations that are no more are left out. */
export async function writeResults(fresh: readonly Result[]): Promise<void> {
  const results = new Map([...readResults(), ...fresh.map((result) => [result.name, result] as const)]);
  const rows = MUTATIONS.flatMap(({ name }) => results.get(name) ?? []).map(rowOf);
  const text = `${HEAD}${TABLE}${rows.join('\n')}\n`;
  const style = await resolveConfig(FILE);
  writeFileSync(FILE, await format(text, { ...style, parser: 'markdown' }));
}

function rowOf({ caughtBy, name, point, seed, simulatedSeconds, theme }: Result): string {
  const cells = [name, point, theme, seed ?? 'survives', caughtBy, simulatedSeconds];
  return `| ${cells.join(' | ')} |`;
}
