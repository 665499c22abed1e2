import type { Node } from 'ts-morph';
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
