import { describe, expect, test } from 'vitest';
import { createGenerator, writeFiles } from '../src/index.js';
import { machine, outputs, run, textOf, Workspace } from './workspace.js';

describe('what is generated is a module of the kind of its source', () => {
  test('from .mts', () => {
    const workspace = new Workspace({
      'a.machine.mts': machine('A', 'Item').replace('\n', "\nimport type { Item } from './item.mjs';\n"),
      'item.mts': 'export interface Item { id: string }\n',
    });
    const result = run(workspace);
    expect(outputs(workspace, result)).toEqual([
      'generated/a.client.mts',
      'generated/a.operations.mts',
      'generated/operations.mts',
    ]);
    expect(textOf(result, 'a.client.mts')).toContain("from '../item.mjs';");
    expect(textOf(result, 'a.operations.mts')).toContain("import { A } from '../a.machine.mjs';");
    expect(textOf(result, 'operations.mts')).toContain("import './a.operations.mjs';");
  });

  test('from .cts', () => {
    const workspace = new Workspace({ 'a.service.cts': machine('A') });
    const result = run(workspace);
    expect(outputs(workspace, result)).toEqual([
      'generated/a.client.cts',
      'generated/a.operations.cts',
      'generated/operations.cts',
    ]);
    expect(textOf(result, 'a.operations.cts')).toContain("import { A } from '../a.service.cjs';");
    expect(textOf(result, 'operations.cts')).toContain("import './a.operations.cjs';");
  });

  test('and tables of several kinds are named by one .ts', () => {
    const workspace = new Workspace({ 'a.machine.mts': machine('A'), 'b.machine.ts': machine('B') });
    const result = run(workspace);
    expect(outputs(workspace, result)).toContain('generated/operations.ts');
    expect(textOf(result, 'operations.ts')).toContain(
      "import './a.operations.mjs';\nimport './b.operations.js';\n",
    );
  });

  test('so that files of the kind before go when the source becomes another', () => {
    const workspace = new Workspace({ 'a.machine.ts': machine('A') });
    const generator = createGenerator({ cwd: workspace.root });
    writeFiles(generator.generate());
    workspace.remove('a.machine.ts');
    workspace.write('a.machine.mts', machine('A'));
    writeFiles(generator.generate());
    expect(workspace.files()).toEqual([
      'a.machine.mts',
      'generated/a.client.mts',
      'generated/a.operations.mts',
      'generated/operations.mts',
    ]);
  });
});
