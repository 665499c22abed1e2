import { millisecondsBetween } from '../randomness.js';
import type { Death } from '../simulated-node.js';
import { type Fault, nothingToUndo } from './fault.js';
import { someNode } from './targets.js';

/** A clock that jumps: time servers and operators do worse, but seldom. */
const JUMP_MS = [-120_000, 120_000] as const;
/** Real clocks drift by parts in ten thousand; mistakes show sooner with more. */
const RATES = [0.8, 1.25] as const;

/** A process ends, and stays down for a while. With the power, what was not flushed goes as well. */
export function death(how: Death): Fault {
  return (field) => {
    const node = someNode(field);
    if (!node) return undefined;
    field.cluster.hold(node, how);
    return () => field.cluster.release(node);
  };
}

/** An event loop stands still while the world goes on: timers fire late, leases run out unseen. */
export const pause: Fault = (field) => {
  const process = someNode(field)?.process;
  if (!process || process.isPaused) return undefined;
  process.pause();
  return () => process.resume();
};

export const clockJump: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  node.clock.jump(millisecondsBetween(field.random, ...JUMP_MS));
  return nothingToUndo;
};

export const clockDrift: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  node.clock.drift(millisecondsBetween(field.random, ...RATES));
  return () => node.clock.drift(1);
};
