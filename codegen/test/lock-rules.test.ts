import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Change, compareWith, generate, RULES, writeFiles } from '../src/index.js';
import { type Row, ROWS } from './lock-rows.js';
import { Workspace } from './workspace.js';

const IMPORTS = `import { cmd, derived, event, qry, rpc, RpcService, StateMachine, sub } from 'decoraft';\n`;

/** The file of a row. Names of classes get its number, so that all rows are read at once. */
function sourceOf(text: string, at: number): string {
  if (text === '') return IMPORTS;
  const whole = text.startsWith('class') ? text : `class Store extends StateMachine { ${text} }`;
  return `${IMPORTS}export ${whole.replaceAll(/\b(Store|Storage)(\d?)\b/g, `$1$2_${at}_`)}\n`;
}

function changesOf(rows: readonly Row[]): readonly (readonly Change[])[] {
  const workspace = new Workspace({ 'package.json': '{}' });
  const options = { cwd: workspace.root, lockPath: workspace.path('decoraft.lock.json') };
  const write = (side: 'before' | 'after'): void => {
    for (const [at, row] of rows.entries()) workspace.write(`r${at}.machine.ts`, sourceOf(row[side], at));
  };
  write('before');
  const result = generate(options);
  expect(result.problems).toEqual([]);
  writeFiles(result);
  const lock = workspace.read('decoraft.lock.json');
  write('after');
  const { changes, problems } = compareWith(lock, options);
  expect(problems).toEqual([]);
  return rows.map((_row, at) => {
    const own = changes.filter(({ subject }) => subject.includes(`_${at}_`));
    return own.map((change) => ({ ...change, subject: change.subject.replaceAll(`_${at}_`, '') }));
  });
}

/** All rows in one run: the compiler takes half a second to open. */
let known: readonly (readonly Change[])[] | undefined;
const found = (): readonly (readonly Change[])[] => (known ??= changesOf(ROWS));

describe('what a change of a class does', () => {
  test.each(ROWS.map((row, at) => [row.claim, row, at] as const))('%s', (_claim, row, at) => {
    const own = found()[at] ?? [];
    expect(own.map(({ rule, subject }) => `${rule} ${subject}`).toSorted()).toEqual(row.changes.toSorted());
  });

  test('every rule has a row', () => {
    const shown = new Set(ROWS.flatMap(({ changes }) => changes.map((change) => change.split(' ')[0])));
    expect(Object.keys(RULES).filter((rule) => !shown.has(rule))).toEqual([]);
  });

  test('what breaks has a remedy, and what is safe needs none', () => {
    for (const change of found().flat()) {
      expect([change.rule, change.remedy === undefined]).toEqual([change.rule, change.verdict === 'safe']);
    }
  });
});

describe('docs/evolution.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/evolution.md', import.meta.url)), 'utf8');

  const example =
    /<!-- before -->\n\n```ts\nexport ([^]+?)\n```[^]+?<!-- after: (.+) -->\n\n```ts\nexport ([^]+?)\n```/g;
  const rows = [...page.matchAll(example)].map(([, before = '', changes = '', after = ''], at): Row => ({
    claim: `example ${at + 1}`,
    before,
    after,
    changes: changes.split(', ') as Row['changes'],
  }));

  test('shows changes as the check sees them', () => {
    const shown = changesOf(rows).map((own) =>
      own.map(({ rule, subject }) => `${rule} ${subject}`).toSorted(),
    );
    expect(shown).toEqual(rows.map(({ changes }) => changes.toSorted()));
    expect(rows.length).toBe(4);
  });

  test('has each rule with its verdict, its reason and its remedy, and no other', () => {
    const sections = page.split(/^### /m).slice(1);
    const entries = sections.flatMap((section) => {
      const [verdict = ''] = section.split('\n');
      return [...section.matchAll(/^- `([a-z-]+)`: (.+)$/gm)].map(([, rule, words]) => [
        rule,
        verdict,
        words,
      ]);
    });
    const expected = Object.entries(RULES).map(([rule, entry]) => {
      const remedy = 'remedy' in entry ? ` ${entry.remedy}` : '';
      return [rule, entry.verdict, `${entry.why}.${remedy}`];
    });
    const texts = (given: readonly (readonly (string | undefined)[])[]): readonly string[] =>
      given.map((entry) => entry.join(' | ')).toSorted();
    expect(texts(entries)).toEqual(texts(expected));
  });
});
