import type { Project, SourceFile } from 'ts-morph';
import { relative } from 'node:path/posix';
import type { Finding } from '../problem.js';

/** What the parser could not make sense of: a class that was read from it may lack half of its members. */
export function readSyntaxErrors(project: Project, file: SourceFile, cwd: string): readonly Finding[] {
  return project
    .getProgram()
    .getSyntacticDiagnostics(file)
    .map((diagnostic) => {
      const { line, column } = file.getLineAndColumnAtPos(diagnostic.getStart());
      const message = diagnostic.getMessageText();
      return {
        code: 'syntax-error',
        position: { file: relative(cwd, file.getFilePath()), line, column },
        subject: '',
        message: typeof message === 'string' ? message : message.getMessageText(),
        remedy: 'The file must compile before clients can be made from it.',
      };
    });
}
