/** What a call without metadata carries. A file of its own: a page that needs this needs no bindings. */
export const NO_METADATA: Readonly<Record<string, string>> = Object.freeze(Object.create(null));
