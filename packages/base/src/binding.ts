import { CodedError } from './errors.js';
import { ambientScope, type BoundValue, type Scope, stackScope } from './binding-scope.js';

/** Something that the code below a call can read without being given it, for as long as the call lasts. */
export interface Binding<Value> {
  /** What errors call it. */
  readonly name: string;
  /**
   * The value of the innermost {@link run} that this code was called from, or the default.
   *
   * @throws CodedError `InvalidArgument` inside of {@link withoutBindings}, which is where commands and queries run.
   */
  get(): Value;
  /**
   * Calls `callback`, for which {@link get} gives `value`: in everything that it calls, awaits and starts, until that is
   * done. What runs beside it, or after it, sees nothing of this; a throw restores what was before as a return does.
   *
   * @returns What the callback returns.
   * @throws What the callback throws; CodedError `InvalidArgument` when it is no function.
   */
  run<Result>(value: Value, callback: () => Result): Result;
}

/**
 * Makes a binding: a value that follows the flow of the program and not its parameters, such as the request that is
 * being served. On Node it is carried through `await`, timers and callbacks by its `AsyncLocalStorage`. Where there is none,
 * as in a browser, it lasts for the synchronous part of `run`: after the first `await` the default is read again, and
 * never a value of somebody else.
 *
 * The body of an async generator belongs to whoever asks for its next item, not to whoever made it.
 *
 * ```ts
 * const REQUEST = binding<string>('none', 'REQUEST');
 * await REQUEST.run('x', async () => {
 *   await save();
 *   REQUEST.get(); // 'x'
 * });
 * ```
 *
 * @param defaultValue Read wherever no `run` is around.
 * @param name For errors.
 */
export function binding<Value>(defaultValue: Value, name = 'a binding'): Binding<Value> {
  return new ScopedBinding(defaultValue, name);
}

/** Code that must not depend on who called it, with a scope of its own, which is made when something is bound there. */
interface Isolated {
  readonly where: string;
  scope: Scope | undefined;
}

let isolated: Isolated | undefined;

function scope(): Scope {
  return isolated ? (isolated.scope ??= stackScope()) : ambientScope();
}

class ScopedBinding<Value> implements Binding<Value> {
  readonly name: string;
  readonly #default: Value;

  constructor(defaultValue: Value, name: string) {
    this.#default = defaultValue;
    this.name = name;
  }

  get(): Value {
    const bound = this.#bound();
    if (bound) return bound.value as Value;
    if (isolated) throw this.#unreadable(isolated.where);
    return this.#default;
  }

  run<Result>(value: Value, callback: () => Result): Result {
    if (typeof callback !== 'function') {
      throw new CodedError('InvalidArgument', `${this.name}.run: the callback is no function`);
    }
    // As it is already: the first of these makes every promise of the process cost more, on Node before 24.
    if (this.#isSame(value)) return callback();
    const { current, run } = scope();
    return run({ binding: this, value, outer: current() }, callback);
  }

  #bound(): BoundValue | undefined {
    if (isolated && !isolated.scope) return undefined;
    let bound = scope().current();
    while (bound && bound.binding !== this) bound = bound.outer;
    return bound;
  }

  #isSame(value: Value): boolean {
    const bound = this.#bound();
    return bound ? Object.is(bound.value, value) : !isolated && Object.is(this.#default, value);
  }

  #unreadable(where: string): CodedError {
    const words = `${this.name} is read in ${where}, where it would be another on every node`;
    return new CodedError('InvalidArgument', `${words}: give it as an argument`);
  }
}

/**
 * Calls what must do the same on every node. In it no binding can be read but those that it has bound itself, whoever
 * called it: the error is the same everywhere. Synchronous, and cheap enough to stand around every command.
 *
 * @param where What runs, for the error.
 */
export function withoutBindings<Result>(where: string, callback: () => Result): Result {
  const outer = isolated;
  isolated = { where, scope: undefined };
  try {
    return callback();
  } finally {
    isolated = outer;
  }
}

/**
 * What is bound here, kept for later: the result calls what it is given as if it were called from here. For code that
 * is called back by others, whose bindings are not its own.
 */
export function bindingsHere(): <Result>(callback: () => Result) => Result {
  const bound = scope().current();
  return (callback) => runWith(bound, callback);
}

/** Calls `callback` with nothing bound: for what begins here, and is no part of what led to it. */
export function unbound<Result>(callback: () => Result): Result {
  return runWith(undefined, callback);
}

function runWith<Result>(bound: BoundValue | undefined, callback: () => Result): Result {
  const { current, run } = scope();
  return current() === bound ? callback() : run(bound, callback);
}
