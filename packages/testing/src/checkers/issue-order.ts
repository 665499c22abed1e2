import type { Effect, IssuedCommand } from './exactly-once.js';
import { FactBroken } from './fact-broken.js';

/**
 * What one process asked for took effect in the order in which it asked, whether it waited for the answers or not.
 *
 * @param where Whose state this is, for the report.
 * @param commands In the order in which they were issued; each process with one session at a time.
 * @param effects Indexes of different processes need not be comparable.
 */
export function mustKeepIssueOrder(
  where: string,
  commands: readonly IssuedCommand[],
  effects: readonly Effect[],
): void {
  const issued = new Map(commands.map(({ id, process }, place) => [id, { process, place }]));
  /** The effect of each process that was issued last, of those that stand before. */
  const last = new Map<string, { readonly effect: Effect; readonly place: number }>();
  for (const effect of effects.toSorted((left, right) => left.index - right.index)) {
    const command = issued.get(effect.id);
    if (!command) continue;
    const { place, process } = command;
    const before = last.get(process);
    if (before && before.place > place) {
      throw new FactBroken({
        fact: 'issue-order',
        finding: `command ${effect.id} of ${process} was issued before ${before.effect.id}, and took effect behind it on ${where}`,
        nodes: [where, process],
        indexes: [before.effect.index, effect.index],
      });
    }
    last.set(process, { effect, place });
  }
}
