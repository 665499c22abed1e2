import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Interaction } from './support/interaction.js';
import { comparable, endOf, type Said } from './support/interaction-comparison.js';
import { KNOWN_DIFFERENCES, type KnownDifference } from './support/interaction-differences.js';
import { readBlocks } from './support/interaction-script.js';

/**
 * # Against etcd's core
 *
 * An adapter (`support/interaction.ts`) drives our core with the commands of etcd's interaction scripts. Compared are
 * messages with their kinds, terms and indexes, hard states, roles, commits, configurations, logs, and what a leader
 * knows of every peer; `support/interaction-comparison.ts` says what is not, `support/interaction-differences.ts` where
 * a published script differs and why, and the chapter comment of `src/index.ts` what is otherwise on purpose.
 *
 * The scripts in `interaction/` are ours, in that vocabulary. With a checkout of github.com/etcd-io/raft:
 *
 *     DECORAFT_INTERACTION=../raft/testdata npx vitest run packages/raft/test/interaction.test.ts
 */
const published = process.env['DECORAFT_INTERACTION'];

const own = new URL('./interaction/', import.meta.url);

describe('our core, driven with the commands of the interaction scripts of etcd, says the same', () => {
  for (const file of scriptsIn(own)) {
    test(file.replace(/\.txt$/, '').replaceAll('_', ' '), () => compare(new URL(file, own)));
  }
});

// They are no part of this repository: without a folder of them there is no such test.
if (published !== undefined) {
  const folder = folderOf(published);
  describe('in the scripts that etcd has published', () => {
    test('which are there', () => expect(scriptsIn(folder)).not.toEqual([]));

    for (const file of scriptsIn(folder)) {
      const known = KNOWN_DIFFERENCES[file];
      // What cannot be run at all says so where the differences are listed.
      if (known && !known.commands) continue;
      const name = known ? `${file}, but ${known.because}` : file;
      test(name, () => compare(new URL(file, folder), known));
    }
  });
}

function folderOf(path: string): URL {
  return new URL(`${pathToFileURL(path).href.replace(/\/$/, '')}/`);
}

function scriptsIn(folder: URL): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .toSorted();
}

/** All that is said, block by block; where a difference is known, what is left behind in the end. */
function compare(script: URL, known?: KnownDifference): void {
  const interaction = new Interaction();
  const actual: Said[] = [];
  const expected: Said[] = [];
  for (const { commands, expected: output } of readBlocks(readFileSync(script, 'utf8'))) {
    actual.push({ commands, lines: comparable(interaction.run(commands)) });
    expected.push({ commands, lines: comparable(output) });
  }
  const isCompared = ({ commands }: Said): boolean => !known?.commands?.includes(commands.at(-1) ?? '');
  expect(actual.filter((said) => isCompared(said))).toEqual(expected.filter((said) => isCompared(said)));
  expect(endOf(actual)).toEqual(endOf(expected));
}
