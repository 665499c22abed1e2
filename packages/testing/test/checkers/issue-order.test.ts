import { describe, expect, it } from 'vitest';
import { FactBroken, type IssuedCommand, mustKeepIssueOrder } from '../../src/index.js';

const issued = (...ids: readonly string[]): readonly IssuedCommand[] =>
  ids.map((id) => ({ id, process: id.slice(0, 1), outcome: 'returned' }));
const effects = (...ids: readonly string[]) => ids.map((id, index) => ({ id, index }));

describe('effects in the order of issue', () => {
  it('are those of each process in its order, mixed with others in any way, and with gaps', () => {
    const commands = issued('a1', 'b1', 'a2', 'a3', 'b2');
    for (const applied of [
      ['a1', 'b1', 'a2', 'a3', 'b2'],
      ['b1', 'b2', 'a1', 'a3'],
      ['a2', 'x9', 'b2'],
      [],
    ]) {
      mustKeepIssueOrder('n', commands, effects(...applied));
    }
    mustKeepIssueOrder('n', commands, effects('a1', 'a2').toReversed());
  });

  it('are broken by one that stands behind a later one of the same process', () => {
    const check = (): void => mustKeepIssueOrder('n', issued('a1', 'b1', 'a2'), effects('a2', 'b1', 'a1'));
    expect(check).toThrow(FactBroken);
    expect(check).toThrow('command a1 of a was issued before a2, and took effect behind it on n');
  });
});
