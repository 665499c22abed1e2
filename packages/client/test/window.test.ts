import { expect, it } from 'vitest';
import { Window } from '../src/window.js';

it('a window lets as many in as its limit, and then one for each that leaves, in order', async () => {
  const window = new Window(2);
  expect([window.tryEnter(), window.tryEnter(), window.tryEnter()]).toEqual([true, true, false]);
  const entered: string[] = [];
  for (const name of ['first', 'second']) void window.wait().entered.then(() => entered.push(name));
  window.leave();
  await Promise.resolve();
  expect(entered).toEqual(['first']);
  expect(window.tryEnter()).toBe(false);
  window.leave();
  await Promise.resolve();
  expect(entered).toEqual(['first', 'second']);
  window.leave();
  window.leave();
  expect(window.tryEnter()).toBe(true);
});

it('who gives up leaves its place, before and after it was given', async () => {
  const window = new Window(1);
  window.tryEnter();
  const [impatient, unlucky, last] = [window.wait(), window.wait(), window.wait()];
  impatient.giveUp();
  window.leave();
  await unlucky.entered;
  unlucky.giveUp();
  await last.entered;
  window.leave();
  expect(window.tryEnter()).toBe(true);
});
