import { describe, expect, it } from 'vitest';
import { decodeToken, encodeToken } from '../src/index.js';

const TOKEN = { cluster: 0xdead_beef, service: 7, index: Number.MAX_SAFE_INTEGER } as const;

describe('a read token', () => {
  it('says what it was made of, in characters that no URL and no header minds', () => {
    const text = encodeToken(TOKEN);
    expect(text).toMatch(/^[0-9a-f]+$/);
    expect(decodeToken(text)).toEqual(TOKEN);
  });

  it('is refused when a character of it was changed, lost or added', () => {
    const text = encodeToken(TOKEN);
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '0' ? '1' : '0';
      expect(codeOf(text.slice(0, at) + other + text.slice(at + 1))).toBe('InvalidArgument');
      expect(codeOf(text.slice(0, at))).toBe('InvalidArgument');
    }
    expect(codeOf(`${text}00`)).toBe('InvalidArgument');
  });

  it.each([
    ['of no characters', ''],
    ['of others', 'hello'],
    ['no text', 7],
    ['long', '00'.repeat(1e5)],
  ])('is refused when it is %s', (_what, given) => expect(codeOf(given as string)).toBe('InvalidArgument'));

  function codeOf(text: string): unknown {
    try {
      return decodeToken(text);
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  }
});
