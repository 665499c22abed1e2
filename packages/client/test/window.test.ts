import { expect, it } from 'vitest';
import { Window } from '../src/window.js';

it('a window becomes half of what was under way, however little, and one wider with each answer', () => {
  const window = new Window(8);
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
});
