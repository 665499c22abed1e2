import { compareText } from '@decoraft/base';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GenerateResult } from './result.js';

/** A file on disk that is not as it should be. */
export type StaleFile =
  | { readonly kind: 'missing'; readonly path: string; readonly expected: string }
  | { readonly kind: 'different'; readonly path: string; readonly expected: string; readonly actual: string }
  /** Generated once, from a machine that is gone. */
  | { readonly kind: 'orphaned'; readonly path: string };

/** What differs between what was generated and what is on disk, sorted by path. */
export function staleFiles({
  files,
  orphans,
}: Pick<GenerateResult, 'files' | 'orphans'>): readonly StaleFile[] {
  const stale: StaleFile[] = orphans.map((path) => ({ kind: 'orphaned', path }));
  for (const { path, text: expected } of files) {
    const actual = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (actual === undefined) stale.push({ kind: 'missing', path, expected });
    else if (withLineFeeds(actual) !== expected) stale.push({ kind: 'different', path, expected, actual });
  }
  return stale.toSorted((left, right) => compareText(left.path, right.path));
}

/** Git may check files out with the ends of lines that the computer has. */
function withLineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

export interface Written {
  /** Sorted. What was right already is left alone, so that nobody builds it again. */
  readonly written: readonly string[];
  /** Orphans, sorted. */
  readonly removed: readonly string[];
}

/** Makes the disk say what was generated. */
export function writeFiles(result: Pick<GenerateResult, 'files' | 'orphans'>): Written {
  const stale = staleFiles(result);
  const written: string[] = [];
  const removed: string[] = [];
  for (const file of stale) {
    if (file.kind === 'orphaned') {
      rmSync(file.path);
      removed.push(file.path);
    } else {
      mkdirSync(dirname(file.path), { recursive: true });
      writeFileSync(file.path, file.expected);
      written.push(file.path);
    }
  }
  return { written, removed };
}
