import { expect, test } from 'vitest';
import { codes, run, textOf, Workspace } from './workspace.js';

const MACHINE = `import { cmd, event, StateMachine, sub } from 'decoraft';
import { weigh } from './weigh.js';

export class Scale extends StateMachine {
  private total = 0;
  @sub onWeighed = event<(name: string) => number>();

  @cmd add(name: string, weight: number): number {
    this.total += weigh(weight);
    this.onWeighed(name).notify(this.total);
    return this.total;
  }
}
`;

const HELPER = `export function weigh(weight: number): number {
  const parts = [weight].map((part) => part * 2);
  return parts.reduce((left, right) => left + right, 0);
}
`;

/** A text as it is while somebody writes it: up to a place, and with a piece missing there. */
function* unfinished(text: string, every: number): Iterable<string> {
  for (let at = 0; at < text.length; at += every) {
    yield text.slice(0, at);
    yield text.slice(0, at) + text.slice(at + 5);
  }
}

test('a generator that goes on lives through whatever is written in between, in machines and in what they import', () => {
  const workspace = new Workspace({ 'scale.machine.ts': MACHINE, 'weigh.ts': HELPER });
  const client = textOf(run(workspace), 'scale.client.ts');
  expect(client).toContain('add(name: string, weight: number)');
  for (const [path, text, every] of [
    ['scale.machine.ts', MACHINE, 41],
    ['weigh.ts', HELPER, 17],
  ] as const) {
    for (const broken of unfinished(text, every)) {
      workspace.write(path, broken);
      expect(() => run(workspace), broken).not.toThrow();
    }
    workspace.write(path, text);
    const mended = run(workspace);
    expect(codes(mended)).toEqual([]);
    expect(textOf(mended, 'scale.client.ts')).toBe(client);
  }
});

test.each([
  'export function weigh(weight: number): number { return weigh(weight) }',
  'export const weigh = weigh;',
  "export * from './weigh.js';",
  "import { Scale } from './scale.machine.js'; export const weigh = (weight: number) => new Scale().add('', weight);",
  'export const { weigh } = { weigh };',
  '',
])('what a machine imports may go round in circles, or be gone: %s', (helper) => {
  const workspace = new Workspace({ 'scale.machine.ts': MACHINE, 'weigh.ts': helper });
  expect(textOf(run(workspace), 'scale.client.ts')).toContain('add(name: string, weight: number)');
});
