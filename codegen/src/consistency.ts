import type { Consistency } from '@decoraft/protocol';

/** What `@qry({ consistency })` may say. */
export const CONSISTENCIES: readonly Consistency[] = ['session', 'linearizable', 'local'];
