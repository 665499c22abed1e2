import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generate, PROBLEM_CODES } from '../src/index.js';
import { Workspace } from './workspace.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/problems.md', import.meta.url)), 'utf8');

interface Entry {
  readonly code: string;
  readonly wrong: Example;
  readonly right: Example;
}

interface Example {
  /** What stands behind the fence: `ts` is run through the generator. */
  readonly language: string;
  readonly text: string;
}

const ENTRY = /^[^]+?\n\nWrong:\n\n```(\w+)\n([^]+?)\n```\n\nRight:\n\n```(\w+)\n([^]+?)\n```\n$/;

const entries = page
  .split(/^## /m)
  .slice(1)
  .map((text): Entry => {
    const [code = ''] = text.split('\n');
    const body = `${text.slice(code.length).trim()}\n`;
    const [, language = '', wrong = '', otherLanguage = '', right = ''] = ENTRY.exec(body) ?? [];
    return { code, wrong: { language, text: wrong }, right: { language: otherLanguage, text: right } };
  });

describe('docs/problems.md', () => {
  test('has an entry for each code, and none without a code', () => {
    expect(entries.map(({ code }) => code).toSorted()).toEqual([...PROBLEM_CODES].toSorted());
  });

  test('says in each entry what is wrong, and shows it wrong and right', () => {
    const misshapen = entries.filter(({ wrong, right }) => wrong.text === '' || right.text === '');
    expect(misshapen.map(({ code }) => code)).toEqual([]);
  });

  test('the generator finds in each wrong example its problem', () => {
    const problems = problemsOf(({ wrong }) => wrong);
    const tried = entries.filter(({ wrong }) => wrong.language === 'ts');
    expect(tried.length).toBeGreaterThan(50);
    const silent = tried.filter(({ code }) => !problems.get(code)?.includes(code));
    expect(silent.map(({ code }) => code)).toEqual([]);
  });

  test('the generator finds nothing in a right example', () => {
    expect([...problemsOf(({ right }) => right)]).toEqual([]);
  });
});

const IMPORTS = `import {
  cmd, derived, event, qry, rpc, RpcService, type SessionId, StateMachine, sub, type TimerId,
  type Unchecked,
} from 'decoraft';
`;

/** All examples in one run, each in a directory of its own: the codes found, by entry. */
function problemsOf(exampleOf: (entry: Entry) => Example): ReadonlyMap<string, readonly string[]> {
  const workspace = new Workspace();
  for (const entry of entries) {
    const { language, text } = exampleOf(entry);
    if (language === 'ts') workspace.write(`${entry.code}/input.machine.ts`, `${IMPORTS}\n${text}\n`);
  }
  const found = new Map<string, string[]>();
  const { problems, warnings } = generate({ cwd: workspace.root });
  for (const { code, position } of [...problems, ...warnings]) {
    const entry = position?.file.split('/')[0] ?? '';
    found.set(entry, [...(found.get(entry) ?? []), code]);
  }
  return found;
}
