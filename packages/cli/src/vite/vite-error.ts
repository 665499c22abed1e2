import type { GenerateResult, Problem } from '@decoraft/codegen';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeProblem } from '../report.js';
import type { ViteError } from './vite-shapes.js';

export const PLUGIN_NAME = 'decoraft';

/** All problems of a run as the one error that vite shows: at the place of the first, in the words of all. */
export function errorOf({ problems }: GenerateResult, root: string): ViteError | undefined {
  const [first] = problems;
  if (!first) return undefined;
  return placed(first, root, problems.map(wordsOf).join('\n'));
}

export function warningOf(warning: Problem, root: string): ViteError {
  return placed(warning, root, wordsOf(warning));
}

export function wordsOf(problem: Problem): string {
  return `${describeProblem(problem)}\n    ${problem.remedy}`;
}

/** Columns are counted from 1 here, and from 0 by vite. */
function placed({ position }: Problem, root: string, message: string): ViteError {
  if (!position) return { plugin: PLUGIN_NAME, message };
  const { line, column } = position;
  const file = resolve(root, position.file);
  const loc = { file, line, column: column - 1 };
  return { plugin: PLUGIN_NAME, message, id: file, loc, frame: frameOf(file, line, column) };
}

function frameOf(file: string, line: number, column: number): string {
  const text = readFileSync(file, 'utf8').split(/\r?\n/)[line - 1] ?? '';
  const margin = `${line} | `;
  return `${margin}${text}\n${' '.repeat(margin.length + column - 1)}^`;
}
