import { expect, test } from 'vitest';
import { Memory } from '../src/memory.js';
import { findSources } from '../src/find-files.js';
import { UserProject } from '../src/user-project.js';
import { machine, Workspace } from './workspace.js';

const importing = (name: string, module: string) =>
  machine(name, 'Item').replace('\n', `\nimport type { Item } from '${module}';\n`);

/** The files that are read anew, run by run. */
function readings(workspace: Workspace): () => readonly string[] {
  const project = new UserProject(undefined);
  const memory = new Memory();
  return () => {
    project.refresh();
    const sources = project.open(findSources({ cwd: workspace.root }));
    const remembered = memory.recall(sources, project.inputs());
    const read: string[] = [];
    for (const source of sources) {
      remembered.classesOf(source, () => {
        read.push(source.getBaseName());
        return [];
      });
    }
    return read;
  };
}

test('a file is read anew only when it, what it leads to, or what concerns all has changed', () => {
  const workspace = new Workspace({
    'a.machine.ts': importing('A', './one.js'),
    'b.machine.ts': importing('B', './two.js'),
    'one.ts': "export type { Item } from './deep.js';\n",
    'deep.ts': 'export interface Item { id: string }\n',
    'two.ts': 'export interface Item { id: string }\n',
  });
  const read = readings(workspace);
  expect(read()).toEqual(['a.machine.ts', 'b.machine.ts']);
  expect(read()).toEqual([]);

  workspace.write('deep.ts', 'export interface Item { id: number }\n');
  expect(read()).toEqual(['a.machine.ts']);

  workspace.write('b.machine.ts', importing('B', './two.js').replace('get()', 'got()'));
  expect(read()).toEqual(['b.machine.ts']);

  workspace.write(
    'two.ts',
    'export interface Item { id: string }\ndeclare global {\n  type Everywhere = 1;\n}\n',
  );
  expect(read()).toEqual(['a.machine.ts', 'b.machine.ts']);
  expect(read()).toEqual([]);
});
