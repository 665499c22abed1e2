import { DecoraftError } from '@decoraft/protocol';

/** What a machine throws, as its caller gets it: `data` has the code and the data of what was thrown. */
export type Rejected<Declared> = DecoraftError & {
  readonly code: 'CommandRejected';
  readonly data: Declared & { readonly message: string };
};

/** Says whether an error is one that a method declares, by its code. */
export type ErrorGuard<Errors> = <Method extends keyof Errors>(
  error: unknown,
  method: Method,
) => error is Rejected<Errors[Method]>;

/**
 * Made by generated clients for what methods declare with `@throws`.
 *
 * @param codes Those that each method declares.
 */
export function errorGuard<Errors extends object>(
  codes: Readonly<Record<keyof Errors, readonly (string | number)[]>>,
): ErrorGuard<Errors> {
  return <Method extends keyof Errors>(error: unknown, method: Method): error is Rejected<Errors[Method]> => {
    if (!(error instanceof DecoraftError) || error.code !== 'CommandRejected') return false;
    const { code } = (error.data ?? {}) as { readonly code?: unknown };
    return codes[method].some((declared) => declared === code);
  };
}
