import type { Configuration, NodeId } from '../../src/index.js';

/** Whether those of whom it is true are a majority of each half. Written anew, not taken from what is tested. */
export function hasQuorum(configuration: Configuration, isTrue: (id: NodeId) => boolean): boolean {
  const { voters, votersOutgoing } = configuration;
  return [voters, votersOutgoing].every(
    (half) => half.length === 0 || half.filter(isTrue).length > half.length / 2,
  );
}
