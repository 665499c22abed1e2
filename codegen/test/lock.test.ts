import type { Schema } from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockPathOf, LockSyntaxError, writeFiles } from '../src/index.js';
import type { Lock, LockedOperation } from '../src/lock/lock.js';
import { readLock } from '../src/lock/lock-reader.js';
import { lockText } from '../src/lock/lock-text.js';
import { readSignature, readType } from '../src/lock/type-reader.js';
import { signatureText, typeText } from '../src/lock/type-text.js';
import { run as generate, Workspace } from './workspace.js';

const name = fc.oneof(
  fc.constantFrom('key', 'Map', 'a b', "it's", 'Box<string>', '', '`', '\\', '"'),
  fc.string(),
);
const literal = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
);

const { schema } = fc.letrec<{ schema: Schema; element: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('element'),
    fc
      .array(tie('element'), { maxLength: 3 })
      .filter(({ length }) => length !== 1)
      .map((options): Schema => ({ kind: 'union', options })),
  ),
  element: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc
      .constantFrom('void', 'null', 'boolean', 'number', 'bigint', 'string', 'date', 'bytes', 'unknown')
      .map((kind) => ({ kind })),
    literal.map((value): Schema => ({ kind: 'literal', value })),
    name.map((reference): Schema => ({ kind: 'reference', name: reference })),
    tie('schema').map((element): Schema => ({ kind: 'array', element })),
    tie('schema').map((element): Schema => ({ kind: 'set', element })),
    tie('schema').map((value): Schema => ({ kind: 'record', value })),
    fc.tuple(tie('schema'), tie('schema')).map(([key, value]): Schema => ({ kind: 'map', key, value })),
    fc
      .record(
        {
          elements: fc.array(fc.record({ schema: tie('schema'), optional: fc.boolean() }), { maxLength: 3 }),
          rest: tie('schema'),
        },
        { requiredKeys: ['elements'] },
      )
      .map((tuple): Schema => ({ kind: 'tuple', ...tuple })),
    fc
      .array(fc.record({ name, schema: tie('schema'), optional: fc.boolean() }), { maxLength: 3 })
      .map((properties): Schema => ({ kind: 'object', properties })),
  ),
}));
const parameter = fc.record({ name, schema, optional: fc.boolean() });

describe('the text of a type', () => {
  test('is read as what was written', () => {
    fc.assert(
      fc.property(schema, (given) => {
        expect(readType(typeText(given))).toEqual(given);
      }),
    );
  });

  test('of a signature, too', () => {
    const signature = fc.record(
      { name, parameters: fc.array(parameter, { maxLength: 3 }), rest: parameter, result: schema },
      { requiredKeys: ['name', 'parameters', 'result'] },
    );
    fc.assert(
      fc.property(signature, (given) => {
        expect(readSignature(signatureText(given))).toEqual(given);
      }),
    );
  });

  test.each([
    ['key: string', 'has `:` where it means nothing'],
    ['Map<string', 'ends too early'],
    ['[string, ...number]', 'has a rest that is no array'],
    ['string §', 'cannot be read from `§` on'],
    ['', 'ends too early'],
  ])('%j is none', (text, words) => {
    expect(() => readType(text)).toThrow(words);
    expect(() => readType(text)).toThrow(LockSyntaxError);
  });

  test('names where the stream of a method stands', () => {
    const text = 'send(room: string, items: AsyncIterable<number>, more?: string): void';
    const signature = readSignature(text);
    expect(signature.source).toEqual({ name: 'items', at: 1, item: { kind: 'number' } });
    expect(signatureText(signature)).toBe(text);
  });
});

const operation: LockedOperation = {
  id: 1,
  name: 'put',
  kind: 'cmd',
  parameters: [],
  result: { kind: 'void' },
  isRetired: false,
  names: [],
};

describe('the text of a lock', () => {
  const lock: Lock = {
    classes: [
      {
        kind: 'machine',
        name: 'Store',
        source: 'src/store.machine.ts',
        version: 2,
        operations: [operation, { ...operation, id: 2, name: 'set', isRetired: true, names: ['add', 'let'] }],
        state: { isOwn: false, fields: [{ name: 'b', schema: { kind: 'reference', name: 'B' } }] },
        types: { B: { kind: 'string' } },
        history: [{ until: 1, operations: [operation], fields: [], types: {} }],
      },
      {
        kind: 'service',
        name: 'Api',
        source: 'src/api.service.ts',
        version: 1,
        operations: [{ ...operation, kind: 'unary' }],
        state: { isOwn: false, fields: [] },
        types: {},
        history: [],
      },
    ],
  };

  test('is read as what was written, and stands in an order of its own', () => {
    const [store, api] = lock.classes;
    expect(readLock(lockText(lock))).toEqual({ classes: [api, store] });
    expect(lockText({ classes: lock.classes.toReversed() })).toBe(lockText(lock));
  });

  test('has a line for each operation', () => {
    expect(lockText(lock)).toContain(
      '        { "id": 2, "kind": "cmd", "signature": "set(): void", "was": ["add", "let"], "retired": true }\n',
    );
  });

  test.each([
    ['<<<<<<< ours\n{}', 'has marks of a merge in it'],
    ['{', 'is no JSON'],
    ['{ "format": 2 }', 'has format 2, and this Decoraft reads 1'],
    ['{ "format": 1 }', 'is not as `decoraft generate` writes it: classes should be a list'],
    [
      '{ "format": 1, "classes": [{ "machine": "A" }] }',
      'is not as `decoraft generate` writes it: source should be a text',
    ],
  ])('%j is none', (text, words) => {
    expect(() => readLock(text)).toThrow(words);
  });
});

const store = (body: string, version = 1): string =>
  `import { cmd, qry, StateMachine } from 'decoraft';\n` +
  `export class Store extends StateMachine { static override readonly version = ${version}; ${body} }\n`;
const PUT = '@cmd put(key: string): void {}';

/** Generates, and gives the lines of the lock that begin with `{` or name a version; or the problems. */
function lockOf(workspace: Workspace): readonly string[] {
  const result = generate(workspace, { lockPath: workspace.path('decoraft.lock.json') });
  writeFiles(result);
  if (result.problems.length > 0) {
    return result.problems.map(({ code, message, subject }) => `${code} ${subject} ${message}`);
  }
  const lines = workspace.read('decoraft.lock.json').split('\n');
  return lines
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => /^\{ |version|until|"a"/.test(line));
}

describe('generating', () => {
  test('follows the source at the same version, and keeps the names that operations had', () => {
    const workspace = new Workspace({ 'a.machine.ts': store(`${PUT} @cmd drop(): void {}`) });
    lockOf(workspace);
    workspace.write('a.machine.ts', store(`@cmd({ was: 'put' }) set(key: number): void {}`));
    expect(lockOf(workspace)).toEqual([
      '"version": 1',
      '{ "id": 2071827952, "kind": "cmd", "signature": "set(key: number): void", "was": ["put"] }',
    ]);
    workspace.write('a.machine.ts', store(`@cmd({ was: 'put' }) write(key: number): void {}`));
    expect(lockOf(workspace)).toEqual([
      '"version": 1',
      '{ "id": 2071827952, "kind": "cmd", "signature": "write(key: number): void", "was": ["put", "set"] }',
    ]);
    workspace.write('a.machine.ts', store(`@cmd({ was: 'set' }) write(key: number): void {}`));
    expect(lockOf(workspace)).toEqual([
      'was-not-first Store.write was set, but that was put before: it is known by its first name',
    ]);
    workspace.write('a.machine.ts', store(`@cmd({ was: 'putt' }) write(key: number): void {}`));
    expect(lockOf(workspace)).toEqual([
      'was-unknown Store.write was putt, which no operation of Store in the lock was ever called',
    ]);
  });

  test('freezes what a raised version supersedes, and nothing else', () => {
    const workspace = new Workspace({ 'a.machine.ts': store(`a = 1; ${PUT} @cmd drop(): void {}`) });
    lockOf(workspace);
    workspace.write('a.machine.ts', store(`a = ''; @cmd put(key: number): void {} @cmd drop(): void {}`, 2));
    const raised = [
      '"version": 2',
      '{ "id": 2071827952, "kind": "cmd", "signature": "put(key: number): void" }',
      '{ "id": 3238671391, "kind": "cmd", "signature": "drop(): void" }',
      '"a": "string"',
      '"until": 1',
      '{ "id": 2071827952, "kind": "cmd", "signature": "put(key: string): void" }',
      '"a": "number"',
    ];
    const found = lockOf(workspace);
    expect(found.map((line) => line.replace(/"id": \d+/, '"id"'))).toEqual(
      raised.map((line) => line.replace(/"id": \d+/, '"id"')),
    );
    expect(lockOf(workspace)).toEqual(found);
    workspace.write('a.machine.ts', store(`a = ''; @cmd drop(): void {}`, 2));
    expect(lockOf(workspace).at(-1)).toBe('"a": "number"');
    workspace.write('a.machine.ts', store(PUT));
    expect(lockOf(workspace)).toEqual([
      'version-lowered Store is version 1 here, and was version 2 in the lock',
    ]);
  });

  test('lets no operation go with a raised version, unless the old class is kept', () => {
    const workspace = new Workspace({
      'a.machine.ts': store(`${PUT} @cmd drop(): void {} @qry get(): void {}`),
    });
    lockOf(workspace);
    workspace.write('a.machine.ts', store(PUT, 2));
    expect(lockOf(workspace)).toEqual([
      'operation-gone Store.drop was a @cmd of version 1, and logs may hold it: version 2 has nothing in its place',
    ]);
    const previous = 'override previous(): StateMachine { return new Store1(); }';
    const old = 'export class Store1 extends StateMachine { @cmd put(key: string): void {} }';
    workspace.write('a.machine.ts', store(`${PUT} ${previous}`, 2) + old);
    expect(lockOf(workspace)[0]).toBe('"version": 2');
  });

  test('lets nothing else have an id that an older version used', () => {
    const workspace = new Workspace({ 'a.machine.ts': store(PUT) });
    lockOf(workspace);
    workspace.write('a.machine.ts', store('@qry put(key: string): void {}', 2));
    expect(lockOf(workspace)).toEqual([
      'operation-reused Store.put is a @qry, but was the @cmd put up to version 1: logs and clients would take the one for the other',
    ]);
  });

  test('leaves alone what another run has read, and drops what is gone', () => {
    const workspace = new Workspace({
      'a.machine.ts': store(PUT),
      'b.machine.ts': store('@cmd other(): void {}').replace('Store', 'Other'),
    });
    const lockPath = workspace.path('decoraft.lock.json');
    const machines = (): unknown[] =>
      readLock(workspace.read('decoraft.lock.json')).classes.map(({ name: found }) => found);
    lockOf(workspace);
    writeFiles(generate(workspace, { lockPath, patterns: ['a.machine.ts'] }));
    expect(machines()).toEqual(['Other', 'Store']);
    workspace.remove('b.machine.ts');
    writeFiles(generate(workspace, { lockPath, patterns: ['a.machine.ts'] }));
    expect(machines()).toEqual(['Store']);
  });

  test('keeps what is known of a class that has another name or another file', () => {
    const workspace = new Workspace({ 'a.machine.ts': store(PUT) });
    lockOf(workspace);
    workspace.write('a.machine.ts', store(`@cmd({ was: 'put' }) set(key: string): void {}`));
    lockOf(workspace);
    workspace.write(
      'a.machine.ts',
      store(`@cmd({ was: 'put' }) write(key: string): void {}`).replace('Store', 'Shelf'),
    );
    expect(lockOf(workspace).at(-1)).toContain('"was": ["put", "set"]');
    workspace.remove('a.machine.ts');
    workspace.write(
      'c.machine.ts',
      store(`@cmd({ was: 'put' }) lay(key: string): void {}`).replace('Store', 'Shelf'),
    );
    expect(lockOf(workspace).at(-1)).toContain('"was": ["put", "set", "write"]');
  });

  test('writes nothing over a lock that it cannot read', () => {
    const workspace = new Workspace({ 'a.machine.ts': store(PUT), 'decoraft.lock.json': '<<<<<<< ours\n' });
    expect(lockOf(workspace)).toEqual(['lock-unreadable  decoraft.lock.json has marks of a merge in it']);
    expect(workspace.read('decoraft.lock.json')).toBe('<<<<<<< ours\n');
  });
});

describe('the place of the lock', () => {
  test.each([
    ['beside the package of the directory', 'a', ['package.json', 'a/package.json'], 'a/decoraft.lock.json'],
    ['beside the nearest package above it', 'a/b', ['package.json'], 'decoraft.lock.json'],
    ['beside a configuration of the compiler', 'a/b', ['a/tsconfig.json'], 'a/decoraft.lock.json'],
    ['in the directory, where its repository has none', 'a/b', ['a/.git/HEAD'], 'a/b/decoraft.lock.json'],
  ])('is %s', (_claim, cwd, files, place) => {
    const workspace = new Workspace(Object.fromEntries(files.map((file) => [file, ''])));
    expect(workspace.short(lockPathOf(workspace.path(cwd)))).toBe(place);
  });
});
