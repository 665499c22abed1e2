import { describe, expect, test } from 'vitest';
import { createGenerator } from '../src/index.js';
import { codes, machine, outputs, run, textOf, Workspace } from './workspace.js';

/** A machine whose type comes through an alias of a `tsconfig.json`. */
const aliased = (name: string): string =>
  machine(name, 'Item').replace('\n', "\nimport type { Item } from '@model';\n");

const item = (type: string): string => `export interface Item { value: ${type} }\n`;

const tsconfig = (more: object, options: object = {}): string =>
  JSON.stringify({
    compilerOptions: { module: 'nodenext', strict: true, paths: { '@model': ['./model.ts'] }, ...options },
    ...more,
  });

const valueOf = (result: ReturnType<typeof run>, name: string): string | undefined =>
  /name: 'value', schema: { kind: '(\w+)' }/.exec(textOf(result, name) ?? '')?.[1];

describe('each source is read with the tsconfig.json that speaks for it', () => {
  test('in one run over several packages', () => {
    const workspace = new Workspace({
      'tsconfig.json': JSON.stringify({
        files: [],
        references: [{ path: 'packages/a' }, { path: 'packages/b' }],
      }),
      'packages/a/tsconfig.json': tsconfig({}),
      'packages/a/model.ts': item('string'),
      'packages/a/src/a.machine.ts': aliased('A'),
      'packages/b/tsconfig.json': tsconfig({}),
      'packages/b/model.ts': item('number'),
      'packages/b/src/b.machine.ts': aliased('B'),
    });
    const result = run(workspace);
    expect(codes(result)).toEqual([]);
    expect([valueOf(result, 'a.operations.ts'), valueOf(result, 'b.operations.ts')]).toEqual([
      'string',
      'number',
    ]);
    expect(outputs(workspace, result)).toEqual([
      'packages/a/src/generated/a.client.ts',
      'packages/a/src/generated/a.operations.ts',
      'packages/a/src/generated/operations.ts',
      'packages/b/src/generated/b.client.ts',
      'packages/b/src/generated/b.operations.ts',
      'packages/b/src/generated/operations.ts',
    ]);
    expect(result.inputs.map((path) => workspace.short(path))).toEqual([
      'packages/a/model.ts',
      'packages/a/src/a.machine.ts',
      'packages/b/model.ts',
      'packages/b/src/b.machine.ts',
    ]);
  });

  test('the nearest one that includes it, not the nearest', () => {
    const workspace = new Workspace({
      'tsconfig.json': tsconfig({}),
      'model.ts': item('string'),
      'src/tsconfig.json': tsconfig({ include: ['other'] }),
      'src/a.machine.ts': aliased('A'),
    });
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('string');
  });

  test('one that another leaves it to', () => {
    const workspace = new Workspace({
      'tsconfig.json': JSON.stringify({ files: [], references: [{ path: './tsconfig.app.json' }] }),
      'tsconfig.app.json': tsconfig({ include: ['src'] }),
      'model.ts': item('string'),
      'src/a.machine.ts': aliased('A'),
    });
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('string');
  });

  test('one above the directory of the run', () => {
    const workspace = new Workspace({
      'tsconfig.json': tsconfig({}),
      'model.ts': item('string'),
      'src/a.machine.ts': aliased('A'),
    });
    const result = createGenerator({ cwd: workspace.path('src') }).generate();
    expect(valueOf(result, 'a.operations.ts')).toBe('string');
  });

  test('the nearest below that directory where none includes it', () => {
    const workspace = new Workspace({
      'tsconfig.json': tsconfig({ include: ['nothing'] }),
      'model.ts': item('string'),
      'a.machine.ts': aliased('A'),
    });
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('string');
    expect(codes(createGenerator({ cwd: workspace.root, tsconfig: 'tsconfig.json' }).generate())).toEqual([]);
    workspace.write('sub/b.machine.ts', aliased('B'));
    expect(codes(createGenerator({ cwd: workspace.path('sub') }).generate())).toEqual([
      'b.machine.ts type-unresolved',
    ]);
  });

  test('a named one, which speaks for all', () => {
    const workspace = new Workspace({
      'a/tsconfig.json': tsconfig({}),
      'a/model.ts': item('string'),
      'a/a.machine.ts': aliased('A'),
      'named.json': tsconfig({}),
      'model.ts': item('number'),
    });
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('string');
    expect(valueOf(run(workspace, { tsconfig: 'named.json' }), 'a.operations.ts')).toBe('number');
  });

  test('as it is now: a change of one that it extends is seen', () => {
    const workspace = new Workspace({
      'base.json': tsconfig({}),
      'tsconfig.json': JSON.stringify({ extends: './base.json' }),
      'model.ts': item('string'),
      'other.ts': item('number'),
      'a.machine.ts': aliased('A'),
    });
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('string');
    workspace.write('base.json', tsconfig({}, { paths: { '@model': ['./other.ts'] } }));
    expect(valueOf(run(workspace), 'a.operations.ts')).toBe('number');
  });

  test('two packages of one repository have one index where everything goes to one directory', () => {
    const workspace = new Workspace({
      'a/tsconfig.json': tsconfig({}),
      'a/a.machine.ts': machine('A'),
      'b/tsconfig.json': tsconfig({}, { strict: false }),
      'b/b.machine.ts': machine('B'),
    });
    const result = run(workspace, { outDirectory: 'out' });
    expect(textOf(result, 'out/operations.ts')).toContain(
      "import './a.operations.js';\nimport './b.operations.js';\n",
    );
  });
});
