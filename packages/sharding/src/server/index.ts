/** # Sharding on a node: the machine that weights are in, with what the generator knows of it. */
import '../weights/generated/operations.js';

export { ShardWeights } from '../weights/shard-weights.machine.js';
