import { DecoraftError } from '@decoraft/protocol';

/** What a command does with an event: tell those who subscribed with equal parameters. */
export interface Notifier<Value> {
  /**
   * Records that `value` goes to every subscriber whose parameters equal those selected. Nothing is sent here:
   * delivery happens after the command has been applied, by the leader.
   *
   * @throws DecoraftError `InvalidArgument` outside of a command, or when `value` cannot cross the wire.
   */
  notify(value: Value): void;
}

/** An event of a machine: called with the parameters that select, it gives what notifies. */
export type EventSource<Parameters extends readonly unknown[], Value> = (
  ...parameters: Parameters
) => Notifier<Value>;

/** The names of a machine's events. */
export type EventName<Machine> = {
  [Name in keyof Machine]: Machine[Name] extends EventSource<infer _Parameters, infer _Value> ? Name : never;
}[keyof Machine] &
  string;

/** What selects of a machine's event. */
export type EventParameters<Machine, Name extends keyof Machine> =
  Machine[Name] extends EventSource<infer Parameters, infer _Value> ? Parameters : never;

/** What arrives of a machine's event. */
export type EventValue<Machine, Name extends keyof Machine> =
  Machine[Name] extends EventSource<infer _Parameters, infer Value> ? Value : never;

/** Where a bound event sends what is notified. */
export type Emit = (parameters: readonly unknown[], value: unknown) => void;

const BIND = Symbol('decoraft.event.bind');

interface Bindable {
  [BIND]: (emit: Emit) => void;
}

/**
 * Declares an event. The parameters select, the result type is what arrives.
 *
 * @example
 * ```ts
 * @sub onInserted = event<() => { key: string; value: string }>();
 * @sub onKeyInserted = event<(key: string) => string>();
 * ```
 */
export function event<Signature extends (...parameters: never[]) => unknown>(): EventSource<
  Parameters<Signature>,
  ReturnType<Signature>
> {
  let emit: Emit = refuseToEmit;
  const source = (...parameters: readonly unknown[]): Notifier<ReturnType<Signature>> => ({
    notify: (value) => emit(parameters, value),
  });
  const bind = (next: Emit): void => {
    emit = next;
  };
  // Not enumerable: an event is no part of the machine's state.
  Object.defineProperty(source, BIND, { value: bind });
  return source;
}

const refuseToEmit: Emit = () => {
  throw new DecoraftError('InvalidArgument', 'notify was called on a machine that is not registered');
};

export function isEvent(value: unknown): boolean {
  return typeof value === 'function' && BIND in value;
}

/** Tells an event where its notifications go. */
export function bindEvent(source: unknown, emit: Emit): void {
  (source as Bindable)[BIND](emit);
}
