import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { onAbort } from '../src/index.js';

let controller: AbortController;
let heard: string[];

beforeEach(() => {
  controller = new AbortController();
  heard = [];
});

afterEach(() => expect(listenerCount()).toBe(0));

function listenerCount(): number {
  return getEventListeners(controller.signal, 'abort').length;
}

function hear(name: string): () => void {
  return onAbort(controller.signal, () => heard.push(name));
}

describe('onAbort', () => {
  it('tells everyone once, in the order in which they came', () => {
    for (const name of ['a', 'b', 'c']) hear(name);
    expect(heard).toEqual([]);
    controller.abort();
    controller.abort();
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('tells who comes too late at once, and who waits without a signal never', () => {
    controller.abort();
    const leave = hear('late');
    expect(heard).toEqual(['late']);
    leave();
    onAbort(undefined, () => heard.push('never'))();
    expect(heard).toEqual(['late']);
  });

  it('tells nobody who has left, however often they leave, and leaves nothing on the signal then', () => {
    const listener = (): unknown => heard.push('same');
    const leaves = [onAbort(controller.signal, listener), onAbort(controller.signal, listener)];
    leaves[0]?.();
    leaves[0]?.();
    expect(listenerCount()).toBe(1);
    leaves[1]?.();
    expect(listenerCount()).toBe(0);
    hear('again');
    controller.abort();
    expect(heard).toEqual(['again']);
  });

  it('tells nobody who leaves while others are told, and who comes then at once', () => {
    const leaves: (() => void)[] = [];
    onAbort(controller.signal, () => {
      for (const leave of leaves) leave();
      hear('new');
    });
    leaves.push(hear('left'));
    hear('stayed');
    controller.abort();
    expect(heard).toEqual(['new', 'stayed']);
  });

  it('lets an error of one surface, and tells the others', () => {
    const tasks: (() => void)[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task));
    onTestFinished(() => void vi.unstubAllGlobals());
    onAbort(controller.signal, () => {
      throw new Error('mine');
    });
    hear('other');
    controller.abort();
    expect(heard).toEqual(['other']);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toThrow('mine');
  });

  it('has one listener on a signal, however many wait: Node warns of more than ten', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const leaves = Array.from({ length: 100 }, (_, at) => hear(String(at)));
    expect(listenerCount()).toBe(1);
    for (const leave of leaves) leave();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});
