import type { Message } from '@decoraft/raft';
import type { RaftService } from '@decoraft/server';
import type { StateMachine } from '@decoraft/state-machine';
import type { Operation } from './history.js';

/** A node that runs, as checks see it. To be read, never to be changed. */
export interface NodeProbe {
  readonly id: string;
  /** Which life of the node this is, counted from 1: what is not on disk begins anew with each. */
  readonly life: number;
  readonly raft: RaftService;
  /** The user's machines of this life, by name. */
  readonly machines: Readonly<Record<string, StateMachine>>;
}

/** Something that must hold in every run. Made anew for each. Every method throws when it does not hold. */
export interface Check {
  /** After everything that happened to a node. Must be cheap: it is called some hundred thousand times. */
  stepped?(node: NodeProbe): void;
  /** Something happened to a node that lost its disk: what it does under its old id, checks do not see. */
  steppedUnseen?(id: string): void;
  /** A node sends a message of Raft to another. */
  sent?(message: Message): void;
  /** After the healing phase: all nodes are up, equal, and at rest. */
  healed?(nodes: readonly NodeProbe[]): void;
  /** At the end of the run. */
  ended?(history: readonly Operation[]): void;
}
