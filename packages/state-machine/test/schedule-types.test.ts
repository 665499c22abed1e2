import type { TimerId } from '@decoraft/protocol';
import { expect, it } from 'vitest';
import { cmd, qry, StateMachine } from '../src/index.js';

type Step = { readonly kind: 'wait'; readonly forMs: number } | { readonly kind: 'do'; words: string[] };

/** Compiled, never run: what is wrong here is an error of the compiler's, or this file is one. */
class Planner extends StateMachine {
  timer: TimerId | undefined;

  @cmd plan(name: string, given: readonly string[], unknown: unknown): void {
    this.timer = this.schedule(1_000, 'run', name, 'high');
    this.schedule(1_000, 'run', name, 'low', 3);
    this.schedule(0, 'all', 1, 2, 3);
    this.schedule(0, 'step', { kind: 'do', words: ['a'] });
    this.schedule(0, 'step', { kind: 'wait', forMs: 5 });
    this.schedule(0, 'kept', new Map([['a', new Set([1])]]), new Date(0), new Uint8Array(1));
    // What arrives is a copy: it may be changed there, whatever may be done with the original.
    this.schedule(0, 'names', given);
    const isGone: boolean = this.cancel(this.timer);
    void isGone;

    // @ts-expect-error There is no such method.
    this.schedule(1_000, 'rum', name, 'high');
    // @ts-expect-error It is not public.
    this.schedule(1_000, 'hidden');
    // @ts-expect-error It is no method.
    this.schedule(1_000, 'timer');
    // @ts-expect-error An argument is missing.
    this.schedule(1_000, 'run', name);
    // @ts-expect-error There is one too many.
    this.schedule(1_000, 'run', name, 'low', 3, 4);
    // @ts-expect-error It is of another type.
    this.schedule(1_000, 'run', 7, 'low');
    // @ts-expect-error It is none of the words.
    this.schedule(1_000, 'run', name, 'loud');
    // @ts-expect-error It is neither of the two.
    this.schedule(0, 'step', { kind: 'wait', words: ['a'] });
    // @ts-expect-error It may be anything.
    this.schedule(0, 'run', unknown, 'low');
    // @ts-expect-error A delay is a number.
    this.schedule('1s', 'run', name, 'low');
    // @ts-expect-error A number is no timer.
    this.cancel(1);
  }

  @cmd run(name: string, level: 'low' | 'high', times?: number): void {
    this.hidden();
    void [name, level, times];
  }

  @cmd all(...numbers: number[]): void {
    void numbers;
  }

  @cmd step(step: Step): void {
    void step;
  }

  @cmd kept(map: Map<string, Set<number>>, date: Date, bytes: Uint8Array): void {
    void [map, date, bytes];
  }

  @cmd names(names: string[]): void {
    names.push('its own');
  }

  @qry session(): number {
    // @ts-expect-error Where a timer runs a command, there is none.
    return this.context.session;
  }

  private hidden(): void {}
}

/** Somebody else's code reaches neither. */
export function outside(planner: Planner): void {
  // @ts-expect-error It is protected.
  planner.cancel(1 as TimerId);
}

it('what is scheduled is checked by the compiler', () => {
  expect(new Planner()).toBeInstanceOf(StateMachine);
});
