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
  | { readonly kind: 'group'; readonly content: Layout; readonly isBroken: boolean }
  | { readonly kind: 'if-broken'; readonly content: Layout };

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
  let text = '';
  let column = 0;
  // Written with what comes next on the line: empty lines stay empty.
  let margin = '';
  const stack: Command[] = [{ indentation: 0, isFlat: false, layout }];
  for (let command = stack.pop(); command; command = stack.pop()) {
    const { indentation, isFlat, layout: current } = command;
    if (typeof current === 'string') {
      if (current.length > 0) text += margin + current;
      if (current.length > 0) margin = '';
      column += current.length;
    } else if (isNewLine(command)) {
      text = `${withoutEndingSpaces(text)}\n`;
      margin = ' '.repeat(indentation);
      column = indentation;
    } else if (!isSequence(current) && current.kind === 'group') {
      const fitting = { indentation, isFlat: true, layout: current.content };
      const isBroken = !isFlat && (current.isBroken || !fits(fitting, stack, WIDTH - column));
      stack.push({ ...fitting, isFlat: !isBroken });
    } else {
      stack.push(...expand(command));
    }
  }
  return text;
}

/** What breaks behind a colon leaves no space there. */
function withoutEndingSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
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
