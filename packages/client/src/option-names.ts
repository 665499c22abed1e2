import { DecoraftError } from '@decoraft/protocol';

/**
 * Refuses what is no object, and an option that there is not: misspelt, it would be passed over in silence.
 *
 * @param whose For the message: `connect`.
 * @param known All names that there are.
 * @throws DecoraftError `InvalidArgument`
 */
export function checkOptionNames(whose: string, options: unknown, known: object): void {
  if (typeof options !== 'object' || options === null) {
    throw new DecoraftError('InvalidArgument', `the options of ${whose} are no object: ${String(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known).join(', ');
    throw new DecoraftError('InvalidArgument', `${whose} has no option ${name}; there are ${names}`);
  }
}
