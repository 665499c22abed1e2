import { hardLine, type Layout } from './layout.js';

/**
 * A JSDoc comment as the user wrote it, at a new indentation; each line begins with its star.
 *
 * @param see What it refers to, in a line of its own at its end.
 */
export function emitDocumentation(comment: string | undefined, see?: string): Layout {
  if (see !== undefined) return emitDocumentation(withReference(comment, see));
  if (comment === undefined) return [];
  const [first = '', ...others] = comment.split(/\r?\n/).map((text) => text.trim());
  const lines = others.map((text) => (text.startsWith('*') ? ` ${text}` : ` * ${text}`.trimEnd()));
  return [first, ...lines].flatMap((text) => [text, hardLine]);
}

function withReference(comment: string | undefined, see: string): string {
  const reference = `@see ${see}`;
  if (comment === undefined) return `/** ${reference} */`;
  const body = comment.slice('/**'.length, -'*/'.length).trimEnd();
  // What stood on one line, or on that of the opening, gets a line of its own.
  const opened = body.replace(/^[^\S\r\n]*(?=\S)/, '\n* ');
  return `/**${opened}\n* ${reference}\n*/`;
}
