import type { Node, ts } from 'ts-morph';
import { relative } from 'node:path/posix';
import type { Position } from '../position.js';

/** Tells where a node stands, relative to the directory of the run. */
export type Locate = (node: Node) => Position;

export function locateFrom(cwd: string): Locate {
  return (node) => {
    const file = node.getSourceFile();
    const { line, column } = file.getLineAndColumnAtPos(node.getStart());
    return { file: relative(cwd, file.getFilePath()), line, column };
  };
}

/** The same of the compiler's own nodes; `at` is a place within a file. */
export type Place = (node: ts.Node, at?: number) => Position;

export function placeFrom(cwd: string): Place {
  return (node, at = node.getStart()) => {
    const file = node.getSourceFile();
    const { character, line } = file.getLineAndCharacterOfPosition(at);
    return { file: relative(cwd, file.fileName), line: line + 1, column: character + 1 };
  };
}
