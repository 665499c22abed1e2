import { unreachable } from '@decoraft/base';

/**
 * Text that knows where it may be broken, after Wadler's "A prettier printer": a group stands on one line if it
 * fits, and is broken at all of its own lines if it does not.
 */
export type Layout =
  | string
  | readonly Layout[]
  /** Nothing or a space where its group is flat, a new line where it is broken. */
  | { readonly kind: 'line'; readonly flat: '' | ' ' }
  /** Always a new line. */
  | { readonly kind: 'hard-line' }
  | { readonly kind: 'indent'; readonly content: Layout }
  | Group
  | { readonly kind: 'if-broken'; readonly content: Layout };

interface Group {
  readonly kind: 'group';
  readonly content: Layout;
  readonly isBroken: boolean;
}

export const line: Layout = { kind: 'line', flat: ' ' };
export const softLine: Layout = { kind: 'line', flat: '' };
export const hardLine: Layout = { kind: 'hard-line' };

export const indent = (...content: readonly Layout[]): Layout => ({ kind: 'indent', content });
export const group = (...content: readonly Layout[]): Layout => ({
  kind: 'group',
  content,
  isBroken: content.some(isBrokenWithin),
});
export const brokenGroup = (...content: readonly Layout[]): Layout => ({
  kind: 'group',
  content,
  isBroken: true,
});
export const ifBroken = (content: Layout): Layout => ({ kind: 'if-broken', content });

/** A group around a broken one is broken. */
function isBrokenWithin(layout: Layout): boolean {
  if (typeof layout === 'string') return false;
  if (isSequence(layout)) return layout.some(isBrokenWithin);
  switch (layout.kind) {
    case 'group':
      return layout.isBroken;
    case 'hard-line':
      return true;
    case 'indent':
      return isBrokenWithin(layout.content);
    case 'line':
    case 'if-broken':
      return false;
    default:
      return unreachable(layout);
  }
}

export function join(separator: Layout, items: readonly Layout[]): readonly Layout[] {
  return items.flatMap((item, at) => (at === 0 ? [item] : [separator, item]));
}

/** `open`, the items and `close` on one line, or each item on a line of its own with a comma behind it. */
export function list(
  open: string,
  items: readonly Layout[],
  close: string,
  padding: Layout = softLine,
): Layout {
  if (items.length === 0) return `${open}${close}`;
  return group(open, indent(padding, join([',', line], items)), ifBroken(','), padding, close);
}

const WIDTH = 110;
const STEP = 2;

interface Command {
  readonly indentation: number;
  readonly isFlat: boolean;
  readonly layout: Layout;
}

/** The text of a layout: lines of at most 110 columns where it can be, LF between them. */
export function printLayout(layout: Layout): string {
  const lines: string[] = [];
  let current = '';
  const stack: Command[] = [{ indentation: 0, isFlat: false, layout }];
  for (let command = stack.pop(); command; command = stack.pop()) {
    if (typeof command.layout === 'string') {
      current += command.layout;
    } else if (isNewLine(command)) {
      // What breaks behind a colon leaves no space there, and empty lines are empty.
      lines.push(current.trimEnd());
      current = ' '.repeat(command.indentation);
    } else if (isGroup(command.layout)) {
      const fitting = { ...command, isFlat: true, layout: command.layout.content };
      const isFlat =
        command.isFlat || (!command.layout.isBroken && fits(fitting, stack, WIDTH - current.length));
      stack.push(isFlat ? fitting : { ...fitting, isFlat: false });
    } else {
      stack.push(...expand(command));
    }
  }
  return [...lines, current].join('\n');
}

function isGroup(layout: Exclude<Layout, string>): layout is Group {
  return !isSequence(layout) && layout.kind === 'group';
}

function isSequence(layout: Exclude<Layout, string>): layout is readonly Layout[] {
  return Array.isArray(layout);
}

function isNewLine({ layout, isFlat }: Command): boolean {
  if (typeof layout === 'string' || isSequence(layout)) return false;
  return layout.kind === 'hard-line' || (layout.kind === 'line' && !isFlat);
}

/** What a command stands for, last first. */
function expand({ indentation, isFlat, layout }: Command): readonly Command[] {
  if (typeof layout === 'string') return [];
  if (isSequence(layout)) return layout.map((item) => ({ indentation, isFlat, layout: item })).toReversed();
  switch (layout.kind) {
    case 'line':
      return [{ indentation, isFlat, layout: layout.flat }];
    case 'hard-line':
      return [];
    case 'indent':
      return [{ indentation: indentation + STEP, isFlat, layout: layout.content }];
    case 'group':
      return [{ indentation, isFlat: isFlat && !layout.isBroken, layout: layout.content }];
    case 'if-broken':
      return isFlat ? [] : [{ indentation, isFlat, layout: layout.content }];
    default:
      return unreachable(layout);
  }
}

/** Whether `first`, and what stands behind it up to the next place that breaks, fits into `width`. */
function fits(first: Command, behind: readonly Command[], width: number): boolean {
  const stack: Command[] = [first];
  let next = behind.length;
  let left = width;
  while (left >= 0) {
    const command = stack.pop() ?? behind[--next];
    if (!command) return true;
    if (isNewLine(command)) return true;
    if (typeof command.layout === 'string') left -= command.layout.length;
    else stack.push(...expand(command));
  }
  return false;
}
