import { hardLine, type Layout } from './layout.js';

/** A JSDoc comment as the user wrote it, at a new indentation; each line begins with its star. */
export function emitDocumentation(comment: string | undefined): Layout {
  if (comment === undefined) return [];
  const [first = '', ...others] = comment.split(/\r?\n/).map((text) => text.trim());
  const lines = others.map((text) => (text.startsWith('*') ? ` ${text}` : ` * ${text}`.trimEnd()));
  return [first, ...lines].flatMap((text) => [text, hardLine]);
}
