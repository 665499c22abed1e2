import { type Fact, must } from './fact.js';

/** A read sees all that anybody knew to be committed when it was asked for (thesis §6.4). */
export function linearizableReads(): Fact {
  const least = new Map<number, number>();
  return {
    readAsked: (_server, context, servers) => {
      least.set(context, Math.max(...servers.map(({ status }) => status.commit)));
    },
    taken: ({ id, reads }) => {
      for (const { context, index } of reads) {
        const needed = least.get(context);
        must(needed !== undefined, `${id} was asked for read ${context}`);
        must(index >= needed, `read ${context} of ${id} at ${index} sees entry ${needed}`);
      }
    },
  };
}
