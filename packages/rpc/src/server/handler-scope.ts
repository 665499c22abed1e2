/**
 * Calls a handler, and gives what it gives, with bindings around it. Called with every request, before anything of it is
 * known. May not wait, throw by itself, or call the handler more than once.
 */
export type HandlerScope = <Result>(handle: () => Result) => Result;
