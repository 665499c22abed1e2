import { describe, expect, it } from 'vitest';
import { resolveWindow, Window } from '../src/window.js';

const LIMITS = resolveWindow({ maxInFlight: 8, maxInFlightBytes: 100, maxOpen: 10, maxOpenBytes: 1_000 });

it('a window becomes half of what was under way, however little, and eight wider with a width of answers', () => {
  const window = new Window(LIMITS);
  const widths: number[] = [];
  for (const underWay of [8, 4, 2, 1, 0]) {
    window.shrink(underWay);
    widths.push(window.width);
  }
  expect(widths).toEqual([4, 2, 1, 1, 1]);
  for (let answers = 0; answers < 20; answers++) window.grow();
  expect(window.width).toBe(8);
  window.shrink(6);
  expect(window.width).toBe(3);
  const wide = new Window({ ...LIMITS, maxInFlight: 1_000 });
  wide.shrink(1_000);
  for (let answers = 0; answers < 500; answers++) wide.grow();
  expect(wide.width).toBe(507);
});

it.each([
  ['nothing is under way', 0, 0, true],
  ['one less than its width is', 7, 0, true],
  ['as many as its width are', 8, 0, false],
  ['bytes below the limit are', 1, 99, true],
  ['bytes at the limit are', 1, 100, false],
])('whether there is room for one more when %s', (_, underWay, bytes, hasRoom) => {
  expect(new Window(LIMITS).hasRoom(underWay, bytes)).toBe(hasRoom);
});

describe('a window takes in', () => {
  it('as many as its limit, and one more for each that is over', () => {
    const window = new Window(LIMITS);
    for (let count = 0; count < 10; count++) expect(window.tryOpen(1)).toBe(true);
    expect(window.tryOpen(1)).toBe(false);
    window.close(1);
    expect([window.tryOpen(1), window.tryOpen(1)]).toEqual([true, false]);
  });

  it('as many bytes as its limit, and one of any size when there is nothing else', () => {
    const window = new Window(LIMITS);
    expect([window.tryOpen(900), window.tryOpen(101), window.tryOpen(100)]).toEqual([true, false, true]);
    for (const bytes of [900, 100]) window.close(bytes);
    expect([window.tryOpen(5_000), window.tryOpen(1)]).toEqual([true, false]);
  });
});

it.each<[Record<string, unknown>, string]>([
  [{ maxInFlight: 0 }, 'window.maxInFlight must be an integer of at least 1, not 0'],
  [{ maxOpenBytes: Infinity }, 'window.maxOpenBytes must be an integer of at least 1, not Infinity'],
  [{ limit: 5 }, 'window has no limit; it has maxInFlight'],
])('limits that cannot be are refused: %o', (given, words) => {
  expect(() => resolveWindow(given)).toThrow(words);
});
