/** A JSDoc comment as blocks of Markdown: its text, its tags as a list, its examples. */
export function markdownOf(comment: string | undefined): readonly string[] {
  if (comment === undefined) return [];
  const [body = '', ...tags] = sectionsOf(linesOf(comment)).map((section) => withoutLinks(section).trim());
  const items = tags.filter((tag) => !isExample(tag)).map(itemOf);
  return [
    body,
    items.join('\n'),
    ...tags.filter(isExample).map((tag) => `Example:\n\n${tag.slice('@example'.length).trim()}`),
  ].filter((block) => block !== '');
}

function isExample(tag: string): boolean {
  return tag.startsWith('@example');
}

function linesOf(comment: string): readonly string[] {
  return comment
    .slice('/**'.length, -'*/'.length)
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^\* ?/, ''));
}

/** What stands before the first tag, then each tag with its text. An at sign within a fence is code. */
function sectionsOf(lines: readonly string[]): readonly string[] {
  const sections: string[] = [''];
  let isFenced = false;
  for (const line of lines) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    if (!isFenced && /^@[a-z]/.test(line)) sections.push(line);
    else sections.push(`${sections.pop() ?? ''}\n${line}`);
  }
  return sections;
}

/** `{@link Name}`, `{@link Name | text}` and `{@link Name text}`: where it leads is not here. */
function withoutLinks(text: string): string {
  return text.replaceAll(
    /\{@link(?:code|plain)?\s+([^\s|}]+)(?:\s*\|\s*|\s+)?([^}]*)\}/g,
    (_all, name: string, shown: string) => (shown === '' ? `\`${name}\`` : shown.trim()),
  );
}

/** `` - `amount`: what it is `` of a parameter, `- **throws** what it says` of others; further lines indented. */
function itemOf(tag: string): string {
  const [, name = '', rest = ''] = /^@(\w+)\s*([^]*)$/.exec(tag) ?? [];
  const words = rest.replaceAll('\n', '\n  ');
  const [, parameter, description = ''] = /^(\w+)(?:\s+-)?\s*([^]*)$/.exec(words) ?? [];
  const item =
    name === 'param' && parameter !== undefined ? `\`${parameter}\`: ${description}` : `**${name}** ${words}`;
  return `- ${item}`.trim();
}
