import { describe, expect, test } from 'vitest';
import { format } from 'prettier';
import { markdownOf } from '../src/emit/markdown.js';
import { generateReference } from '../src/index.js';
import { claims, expectedOf, FIXTURES } from './fixtures.js';
import { machine, Workspace } from './workspace.js';

const SOURCE = `import { cmd, event, qry, rpc, RpcService, StateMachine, sub } from 'decoraft';

export interface User {
  readonly name: string;
  readonly tags?: Tag[];
}

export type Tag = 'old' | 'new';

/** Who is known. */
export class Users extends StateMachine {
  @sub onAdded = event<(tag: Tag) => User>();

  /**
   * Adds one, see {@link Users.find}.
   *
   * @param user Whom.
   * @throws CommandRejected When there is one.
   */
  @cmd({ was: 'put' }) add(user: User): void {
    this.onAdded('new').notify(user);
  }

  @cmd({ retired: true }) drop(): void {}

  @qry({ consistency: 'lease' }) find(name: string, ...others: string[]): User | undefined {
    return { name: name + others.length };
  }
}

export class Feed extends RpcService {
  @rpc async *all(from: AsyncIterable<number>): AsyncGenerator<User> {
    for await (const at of from) yield { name: String(at) };
  }
}
`;

const EXPECTED = `<!-- Written by \`decoraft docs\`. Do not edit. -->

# Machines and services

## Feed

Service, declared in [../users.machine.ts](../users.machine.ts).

### Methods

#### all

\`\`\`ts
all(from: AsyncIterable<number>): AsyncIterable<User>
\`\`\`

Runs on the node that is asked; id 2960263497.

### Types

\`\`\`ts
type Tag = 'old' | 'new'
\`\`\`

\`\`\`ts
type User = { readonly name: string; readonly tags?: Tag[] }
\`\`\`

## Users

Machine of version 1, declared in [../users.machine.ts](../users.machine.ts).

Who is known.

### Commands

#### add

\`\`\`ts
add(user: User): void
\`\`\`

Changes the state; first called \`put\`; id 2449190325.

Adds one, see \`Users.find\`.

- \`user\`: Whom.
- **throws** CommandRejected When there is one.

#### drop

\`\`\`ts
drop(): void
\`\`\`

Changes the state; retired: replayed from old logs, refused to callers; id 4141424420.

### Queries

#### find

\`\`\`ts
find(name: string, ...others: string[]): User | undefined
\`\`\`

Reads the state; at least lease; id 3133219293.

### Events

#### onAdded

\`\`\`ts
onAdded(tag: Tag): User
\`\`\`

Parameters select, the value arrives; id 3133219293.

### Types

\`\`\`ts
type Tag = 'old' | 'new'
\`\`\`

\`\`\`ts
type User = { readonly name: string; readonly tags?: Tag[] }
\`\`\`
`;

/** Hashes are tested where they are made. */
const withoutIds = (text: string): string => text.replaceAll(/id \d+/g, 'id …');

describe('a reference', () => {
  test('has all that callers may rely on', () => {
    const workspace = new Workspace({ 'users.machine.ts': SOURCE });
    const { text, problems } = generateReference({ cwd: workspace.root }, workspace.path('docs/api.md'));
    expect(problems).toEqual([]);
    expect(withoutIds(text)).toBe(withoutIds(EXPECTED));
  });

  test('is empty while there are problems', () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A', 'any') });
    const { text, problems } = generateReference({ cwd: workspace.root }, workspace.path('api.md'));
    expect({ text, codes: problems.map(({ code }) => code) }).toEqual({ text: '', codes: ['type-any'] });
  });

  test('can be written of whatever the generator takes, twice the same, and prettier leaves its form alone', async () => {
    const sound = claims.filter((claim) => !('expected.problems.txt' in expectedOf(claim)));
    const options = { cwd: FIXTURES, patterns: sound.map((claim) => `${claim}/input.ts`) };
    const path = `${FIXTURES}/api.md`;
    const { text } = generateReference(options, path);
    expect(text.match(/^## /gm)?.length).toBeGreaterThan(sound.length - 1);
    expect(generateReference(options, path).text).toBe(text);
    expect(await format(text, { parser: 'markdown', embeddedLanguageFormatting: 'off' })).toBe(text);
  });
});

describe('a comment becomes Markdown', () => {
  test.each([
    [undefined, []],
    ['/** One. */', ['One.']],
    ['/**\n * One,\n * two.\n *\n * Three.\n */', ['One,\ntwo.\n\nThree.']],
    ['/** @deprecated Use {@link A.b | the other}. */', ['- **deprecated** Use the other.']],
    [
      '/**\n * @param a - First,\n * more.\n * @returns {@link A}.\n */',
      ['- `a`: First,\n  more.\n- **returns** `A`.'],
    ],
    [
      '/**\n * One.\n * @example\n * ```ts\n * @cmd put() {}\n * ```\n * @returns Two.\n */',
      ['One.', '- **returns** Two.', 'Example:\n\n```ts\n@cmd put() {}\n```'],
    ],
  ])('%j', (comment, blocks) => expect(markdownOf(comment)).toEqual(blocks));
});
