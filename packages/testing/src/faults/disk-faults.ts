import { millisecondsBetween } from '../randomness.js';
import { type Fault, nothingToUndo } from './fault.js';
import { someNode } from './targets.js';

const SLOWNESS = [10, 400] as const;

export const slowDisk: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  node.disk.slowness = millisecondsBetween(field.random, ...SLOWNESS);
  return () => void (node.disk.slowness = 1);
};

/** Nothing more fits: the node ends, and cannot come back until there is room again. */
export const diskFull: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  field.cluster.excuse(node);
  node.disk.isFull = true;
  return () => void (node.disk.isFull = false);
};

/** The next flush fails. The node must end: what it wrote may be lost, and the system will not say so again. */
export const flushError: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  field.cluster.excuse(node);
  node.disk.failNextFlush();
  return nothingToUndo;
};

/**
 * A bit of what was written long ago is another one. The node is killed, so that it has to read it: it must refuse
 * to start, or have had no use for that bit. Then an operator mends the disk.
 */
export const bitFlip: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  field.cluster.excuse(node);
  field.cluster.hold(node, 'killed');
  const damage = node.disk.damage(field.random);
  field.cluster.release(node);
  if (!damage) return undefined;
  return () => {
    const wasRefused = node.raft === undefined;
    if (wasRefused) node.disk.mend(damage);
    else node.disk.mendWhenNoticed(damage);
  };
};
