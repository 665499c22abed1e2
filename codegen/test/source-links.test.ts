import { Project, type ts } from 'ts-morph';
import { describe, expect, test } from 'vitest';
import { type GenerateOptions, generate, writeFiles } from '../src/index.js';
import { Workspace } from './workspace.js';

const SOURCE = `import { cmd, event, qry, StateMachine, sub } from 'decoraft';

abstract class Sized extends StateMachine {
  @qry size(): number {
    return 1;
  }
}

/** Text by text. */
export class KeyValue extends Sized {
  @sub onSet = event<(key: string) => string>();

  /** Sets it. */
  @cmd set(key: string): void {
    this.onSet(key).notify(key);
  }

  @cmd delete(): void {}

  @qry 'get it'(): string {
    return '';
  }
}
`;

const CALLER = `import { KeyValueClient } from './generated/key-value.client.js';

export async function call(client: KeyValueClient): Promise<void> {
  await client.set('a');
  await client.delete();
  await client['get it']();
  await client.size();
  client.onSet('a');
  await client.onSet('a', (value) => void value);
}
`;

/** What an editor asks, of a project where clients were generated. */
class Editor {
  readonly #workspace = new Workspace({ 'key-value.machine.ts': SOURCE, 'caller.ts': CALLER });
  readonly #service: ts.LanguageService;

  constructor(options: Omit<GenerateOptions, 'cwd'> = {}) {
    writeFiles(generate({ cwd: this.#workspace.root, ...options }));
    const project = new Project({ compilerOptions: { strict: true, noUnusedLocals: true, noEmit: true } });
    project.addSourceFilesAtPaths(`${this.#workspace.root}/**/*.ts`);
    this.#service = project.getLanguageService().compilerObject;
  }

  /** The lines of the source to which the links lead that are shown where `text` of the caller is pointed at. */
  linksAt(text: string): readonly string[] {
    const at = CALLER.indexOf(text) + text.indexOf('.') + 1;
    const { tags = [] } = this.#service.getQuickInfoAtPosition(this.#workspace.path('caller.ts'), at) ?? {};
    return tags
      .flatMap(({ text: parts = [] }) => parts)
      .filter((part): part is ts.JSDocLinkDisplayPart => part.kind === 'linkName')
      .map(({ target }) => this.#lineOf(target));
  }

  /** The line of the source where a jump from the link that a client has ends. */
  jumpFrom(link: string): string | undefined {
    const path = this.#workspace.path('generated/key-value.client.ts');
    const at = this.#workspace.read('generated/key-value.client.ts').indexOf(link) + link.length - 2;
    const [definition] = this.#service.getDefinitionAtPosition(path, at) ?? [];
    return definition && this.#lineOf(definition);
  }

  client(): string {
    return this.#workspace.read('generated/key-value.client.ts');
  }

  complaints(): readonly string[] {
    return this.#service
      .getSemanticDiagnostics(this.#workspace.path('generated/key-value.client.ts'))
      .map(({ messageText }) => JSON.stringify(messageText))
      .filter((message) => message.includes('never'));
  }

  #lineOf({ fileName, textSpan }: ts.DocumentSpan): string {
    expect(this.#workspace.short(fileName)).toBe('key-value.machine.ts');
    const start = SOURCE.lastIndexOf('\n', textSpan.start) + 1;
    return SOURCE.slice(start, SOURCE.indexOf('\n', start)).trim();
  }
}

describe('an editor', () => {
  test('shows where a client is called a link to the member of the class', () => {
    const editor = new Editor();
    expect(editor.linksAt('client.set')).toEqual(['@cmd set(key: string): void {']);
    expect(editor.linksAt('client.delete')).toEqual(['@cmd delete(): void {}']);
    expect(editor.linksAt('client.size')).toEqual(['@qry size(): number {']);
    const event = '@sub onSet = event<(key: string) => string>();';
    expect(editor.linksAt("client.onSet('a');")).toEqual([event]);
    expect(editor.linksAt("client.onSet('a', ")).toEqual([event]);
  });

  test('goes from a link of the client to the class, and takes it for a use', () => {
    const editor = new Editor();
    expect(editor.jumpFrom('{@link KeyValue.set}')).toBe('@cmd set(key: string): void {');
    expect(editor.jumpFrom('{@link KeyValue.size}')).toBe('@qry size(): number {');
    expect(editor.jumpFrom('{@link KeyValue}')).toBe('export class KeyValue extends Sized {');
    expect(editor.complaints()).toEqual([]);
  });
});

test('a client without links knows nothing of the class', () => {
  const text = new Editor({ hasLinks: false }).client();
  expect(text).not.toContain('@see');
  expect(text).not.toContain('key-value.machine.js');
  expect(text).toContain('/** Text by text. */\nexport class KeyValueClient');
});
