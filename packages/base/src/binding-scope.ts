/** One value that is bound, and what was bound around it. Never changed: tasks share the outer ones. */
export interface BoundValue {
  readonly binding: object;
  readonly value: unknown;
  readonly outer: BoundValue | undefined;
}

/** Knows what is bound where the program is right now. Its functions need no `this`. */
export interface Scope {
  readonly current: () => BoundValue | undefined;
  /** Calls `callback`, for which `bound` is the current one. */
  readonly run: <Result>(bound: BoundValue | undefined, callback: () => Result) => Result;
}

/** A scope that ends when its callback returns: all that a page has, and all that a synchronous function needs. */
export function stackScope(): Scope {
  let top: BoundValue | undefined;
  return {
    current: () => top,
    run: (bound, callback) => {
      const outer = top;
      top = bound;
      try {
        return callback();
      } finally {
        top = outer;
      }
    },
  };
}

/** One storage for all bindings: on Node 20 each one more costs something with every promise. */
function asyncScope(): Scope | undefined {
  // Not an import: a page has no such module, and this file is loaded there as well.
  const hooks = typeof process === 'object' ? process.getBuiltinModule?.('node:async_hooks') : undefined;
  if (!hooks) return undefined;
  const storage = new hooks.AsyncLocalStorage<BoundValue | undefined>();
  return {
    current: () => storage.getStore(),
    run: (bound, callback) => storage.run(bound, callback),
  };
}

let ambient: Scope | undefined;

/** The scope of this process. Costs nothing before the first `run` in it. */
export function ambientScope(): Scope {
  return (ambient ??= asyncScope() ?? stackScope());
}
