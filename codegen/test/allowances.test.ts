import { expect, test } from 'vitest';
import type { GenerateResult } from '../src/index.js';
import { run, Workspace } from './workspace.js';

const machine = (
  name: string,
  body: string,
  head = '',
): string => `import { cmd, StateMachine } from 'decoraft';
${head}
export class ${name} extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    ${body}
  }
}
`;

const HELPERS = `export function stamp(): number {
  // decoraft-allow impure-clock: only shown.
  return Date.now();
}

export function zero(): number {
  return 0; // decoraft-allow impure-clock: nothing is there.
}
`;

const found = ({ problems, warnings }: GenerateResult): readonly string[] =>
  [...problems, ...warnings].map(({ code, position, severity }) =>
    [severity, code, `${position?.file}:${position?.line}`].join(' '),
  );

test('a line that several machines come to is allowed once', () => {
  const head = "import { stamp } from './helpers.js';\n";
  const workspace = new Workspace({
    'a.machine.ts': machine('A', 'this.at = stamp();', head),
    'b.machine.ts': machine('B', 'this.at = stamp();', head),
    'helpers.ts': HELPERS,
  });
  expect(found(run(workspace))).toEqual([]);
});

test('one that allows nothing is a warning once a machine leads to the function around it', () => {
  const workspace = new Workspace({
    'a.machine.ts': machine('A', 'this.at = zero();', "import { zero } from './helpers.js';\n"),
    'helpers.ts': HELPERS,
  });
  expect(found(run(workspace))).toEqual(['warning allow-unused helpers.ts:7']);
});

test('what an earlier run allowed is told of as soon as the comment is gone', () => {
  const body = 'this.at = Date.now(); // decoraft-allow impure-clock: only shown.';
  const workspace = new Workspace({ 'a.machine.ts': machine('A', body) });
  expect(run(workspace).files).not.toEqual([]);

  workspace.write('a.machine.ts', machine('A', 'this.at = Date.now();'));
  expect(found(run(workspace))).toEqual(['error impure-clock a.machine.ts:7']);
});

test('what a helper does is told of as soon as the helper does it', () => {
  const workspace = new Workspace({
    'a.machine.ts': machine('A', 'this.at = zero();', "import { zero } from './helpers.js';\n"),
    'helpers.ts': 'export const zero = (): number => 0;\n',
  });
  expect(found(run(workspace))).toEqual([]);

  workspace.write('helpers.ts', 'export const zero = (): number => Math.random();\n');
  expect(found(run(workspace))).toEqual(['error impure-random helpers.ts:1']);
});

test('an allowance says nothing about other codes, other lines, and what is no impurity', () => {
  const workspace = new Workspace({
    'a.machine.ts': machine(
      'A',
      `// decoraft-allow impure-random: the other one.
    this.at = Date.now();
    // decoraft-allow method-async: it is no such thing.
    this.at = 1;`,
    ),
  });
  expect(found(run(workspace))).toEqual([
    'error impure-clock a.machine.ts:8',
    'warning allow-unused a.machine.ts:7',
    'warning allow-unused a.machine.ts:9',
  ]);
});
