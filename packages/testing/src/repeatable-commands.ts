import type { CommandDiffered } from '@decoraft/state-machine';
import { FactBroken } from './checkers/fact-broken.js';

/** Commands do the same when they run again: a node has found one that does not. */
export function commandDiffered(node: string, differed: CommandDiffered): FactBroken {
  const { command, first, index, machine, path, second, what } = differed;
  const place = path === '' ? what : `${what} at ${path}`;
  return new FactBroken({
    fact: 'repeatable-commands',
    finding:
      `${machine}.${command} at index ${index} on ${node}: run again from an equal state, with the same context, ` +
      `it gave other ${place}: ${first}, and then ${second}`,
    nodes: [node],
    indexes: [index],
  });
}
