import { ts } from 'ts-morph';
import type { AllowanceModel } from '../../model.js';
import type { Place } from '../positions.js';
import type { Stop } from './journey.js';

/** The codes, and behind `:` or `--` the reason. */
const FORM = /^\s*([\w-]*(?:\s*,\s*[\w-]+)*?)\s*(?::|--|$)\s*(.*?)\s*$/;

/**
 * The comments by which an author allows a line: `// decoraft-allow impure-clock: only logged, never kept`. Those of the
 * machine's own file, and of what was come to in others.
 */
export function readAllowances(
  machine: ts.ClassDeclaration,
  stops: readonly Stop[],
  place: Place,
): readonly AllowanceModel[] {
  const own = machine.getSourceFile();
  const reached = new Map<ts.SourceFile, ts.Node[]>([[own, [own]]]);
  for (const { code } of stops) {
    const file = code.getSourceFile();
    const among = reached.get(file);
    if (among) among.push(code);
    else reached.set(file, [code]);
  }
  return [...reached].flatMap(([file, among]) =>
    commentsOf(file)
      .filter(({ at }) => among.some((code) => code.getFullStart() <= at && at < code.end))
      .map((comment) => modelOf(comment, file, place)),
  );
}

interface Comment {
  readonly at: number;
  /** What stands behind the word. */
  readonly text: string;
}

const known = new WeakMap<ts.SourceFile, readonly Comment[]>();

function commentsOf(file: ts.SourceFile): readonly Comment[] {
  const before = known.get(file);
  if (before) return before;
  const comments: Comment[] = [];
  for (const match of file.text.matchAll(/\/[/*]+\s*decoraft-allow\b([^\n]*)/g)) {
    const at = match.index;
    const text = (match[1] ?? '').replace(/\*\/.*$/, '');
    if (!isWithinLiteral(file, at)) comments.push({ at, text });
  }
  known.set(file, comments);
  return comments;
}

function modelOf({ at, text }: Comment, file: ts.SourceFile, place: Place): AllowanceModel {
  const form = FORM.exec(text);
  const codes = (form?.[1] ?? '').split(',').map((code) => code.trim());
  return {
    codes: codes.filter((code) => code !== ''),
    reason: form?.[2] ?? '',
    position: place(file, at),
    line: lineAllowed(file, at),
  };
}

/** The line that the comment stands on, or, where it stands alone, the next one with code. */
function lineAllowed(file: ts.SourceFile, at: number): number {
  const lines = file.text.split('\n');
  let { line } = file.getLineAndCharacterOfPosition(at);
  if (!isComment(lines[line] ?? '')) return line + 1;
  while (line < lines.length && isComment(lines[line] ?? '')) line++;
  return line + 1;
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\/.*|\/\*.*\*\/\s*)$/.test(line);
}

function isWithinLiteral(file: ts.SourceFile, at: number): boolean {
  const find = (node: ts.Node): ts.Node =>
    ts.forEachChild(node, (child) => (child.getStart() <= at && at < child.end ? find(child) : undefined)) ??
    node;
  const deepest = find(file);
  return (
    ts.isStringLiteralLike(deepest) ||
    ts.isTemplateHead(deepest) ||
    ts.isTemplateMiddleOrTemplateTail(deepest) ||
    ts.isRegularExpressionLiteral(deepest)
  );
}
