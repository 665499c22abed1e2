import { basename, dirname, join } from 'node:path';
import { check, resolveConfig } from 'prettier';
import { Project } from 'ts-morph';
import { describe, expect, test } from 'vitest';
import { FIXTURES, runFixtures, shortPath } from './fixtures.js';

const { files } = runFixtures();

describe('what is generated', () => {
  test('compiles under strict options', () => {
    const project = new Project({
      tsConfigFilePath: join(FIXTURES, 'tsconfig.json'),
      skipAddingFilesFromTsConfig: true,
    });
    for (const { path, text } of files) project.createSourceFile(path, text);
    const ours = new Set(files.map(({ path }) => path));
    const faults = project
      .getPreEmitDiagnostics()
      .filter((diagnostic) => ours.has(diagnostic.getSourceFile()?.getFilePath() ?? ''))
      .map((diagnostic) => {
        const place = `${diagnostic.getSourceFile()?.getFilePath() ?? ''}:${diagnostic.getLineNumber() ?? 0}`;
        return `${shortPath(place)} ${JSON.stringify(diagnostic.getMessageText())}`;
      });
    expect(faults).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });

  test.each(files.map((file) => [shortPath(file.path), file] as const))(
    '%s is formatted as prettier would',
    async (_name, { path, text }) => {
      const options = await resolveConfig(join(dirname(FIXTURES), 'fixtures.ts'));
      expect(options).toMatchObject({ singleQuote: true, printWidth: 110 });
      expect(await check(text, { ...options, filepath: basename(path) })).toBe(true);
    },
  );
});
